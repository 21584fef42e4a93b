import { createEffect, createMemo, onCleanup, Show } from 'solid-js';
import type { Card } from '../../api/driver';
import { canRequestPhone, confirmClosing } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { formatPhone } from '../../ui/format';
import { isCargoGone, markedCard, openedCargo } from '../cargos/openedCargos';
import { profileWords } from '../profile/messages';
import { driver, list } from '../shell/app';
import { priceText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { responseTo } from './known';
import { respondWords } from './messages';
import { type OfferField, PERCENTS, pricePlus } from './offer';
import { isLeaving, keptFor } from './outbox';
import { TroubleText } from './RespondAction';
import { createResponding } from './responding';
import { changeDraft, draftErrors, draftFor } from './responseDrafts';
import { canRespond } from './responseStore';
import '../../ui/field.css';

/**
 * What a driver may add to a response: a price, a comment, another number. It stands in front of the cargo, which loads
 * itself. What is typed stays until it is sent.
 */
export function RespondScreen(props: { id: string }) {
  const cargo = (): Card | null => openedCargo(props.id)?.cargo ?? list.find(props.id) ?? markedCard(props.id);

  // Once there is a response, on its way or there, or nothing to respond to, the cargo shows it.
  const over = createMemo(
    () =>
      !canRespond(responseTo(props.id), openedCargo(props.id)?.freed) ||
      isLeaving(keptFor(props.id)) ||
      isCargoGone(props.id),
  );
  createEffect(() => over() && goBack());

  return (
    <Show when={cargo()}>
      {(known) => (
        <>
          <button class="backdrop" type="button" tabindex="-1" aria-label={t().back} onClick={goBack} />
          <main class="screen respond-screen" data-testid="respond-screen">
            <ScreenHeader title={t().respond.title} />
            <OfferForm cargo={known()} />
          </main>
        </>
      )}
    </Show>
  );
}

function OfferForm(props: { cargo: Card }) {
  const { id } = props.cargo;
  const { asking, trouble, send, share } = createResponding(() => props.cargo);
  let form!: HTMLFormElement;
  createEffect(() => confirmClosing(draftFor(id).comment !== '' || draftFor(id).price !== ''));
  onCleanup(() => confirmClosing(false));

  function press(): void {
    if (!send()) form.querySelector('.field-error')?.scrollIntoView({ block: 'center' });
  }

  const error = (field: OfferField) => {
    const code = draftErrors(id)[field];
    return code && respondWords().errors[code];
  };
  const phoneText = () => draftFor(id).phone ?? (driver()?.phone ? formatPhone(driver()?.phone ?? '') : '');
  const phoneHint = () => {
    if (draftFor(id).phone !== null || !driver()?.phone) return profileWords().phoneHint;
    return driver()?.phone_confirmed ? profileWords().phoneConfirmed : profileWords().phoneNotConfirmed;
  };
  const text = () => {
    const blocked = trouble();
    return blocked?.name === 'changed' ? respondWords().sendFor(priceText(blocked.now)) : respondWords().submit;
  };

  const phoneField = () => (
    <>
      <Field label={respondWords().phone} error={error('phone')} hint={<p class="small">{phoneHint()}</p>}>
        {(fieldId, aboutId) => (
          <input
            id={fieldId}
            aria-describedby={aboutId}
            aria-invalid={!!error('phone')}
            type="tel"
            autocomplete="tel"
            data-testid="offer-phone"
            value={phoneText()}
            onInput={(event) => changeDraft(id, { phone: event.currentTarget.value })}
          />
        )}
      </Field>
      <Show when={canRequestPhone() && !driver()?.phone_confirmed}>
        <button
          class="button share-phone"
          type="button"
          data-testid="share-phone"
          aria-busy={asking()}
          onClick={() => void share()}
        >
          {asking() ? respondWords().waitingForPhone : respondWords().sharePhone}
        </button>
      </Show>
    </>
  );
  // What is missing comes first; what is known can wait.
  const phoneFirst = !driver()?.phone;

  return (
    <>
      <form
        novalidate
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          press();
        }}
      >
        <Show when={phoneFirst}>{phoneField()}</Show>
        <Field
          label={respondWords().price}
          error={error('price_rub')}
          hint={
            <p class="small">
              {props.cargo.price_rub === null
                ? respondWords().priceHintOpen
                : respondWords().priceHint(priceText(props.cargo.price_rub))}
            </p>
          }
        >
          {(fieldId, aboutId) => (
            <input
              id={fieldId}
              aria-describedby={aboutId}
              aria-invalid={!!error('price_rub')}
              type="text"
              inputmode="numeric"
              autocomplete="off"
              data-testid="offer-price"
              value={draftFor(id).price}
              onInput={(event) => changeDraft(id, { price: event.currentTarget.value })}
            />
          )}
        </Field>
        <Show when={props.cargo.price_rub} keyed>
          {(price) => (
            <div class="percents">
              <Choices
                label={respondWords().percents}
                testId="offer-percent"
                options={PERCENTS}
                text={(percent) => `${percent > 0 ? '+' : ''}${percent}\u00a0%`.replace('-', '−')}
                selected={(percent) => draftFor(id).price === pricePlus(price, percent)}
                onSelect={(percent) => changeDraft(id, { price: pricePlus(price, percent) })}
              />
            </div>
          )}
        </Show>
        <Field
          label={respondWords().comment}
          error={error('comment')}
          hint={<p class="small">{respondWords().commentHint}</p>}
        >
          {(fieldId, aboutId) => (
            <textarea
              id={fieldId}
              aria-describedby={aboutId}
              aria-invalid={!!error('comment')}
              rows="3"
              data-testid="offer-comment"
              value={draftFor(id).comment}
              onInput={(event) => changeDraft(id, { comment: event.currentTarget.value })}
            />
          )}
        </Field>
        <Show when={!phoneFirst}>{phoneField()}</Show>
      </form>
      <MainAction text={text()} onPress={press}>
        <Show when={trouble()}>{(blocked) => <TroubleText trouble={blocked()} />}</Show>
      </MainAction>
    </>
  );
}
