import { createEffect, createMemo, createSignal, Match, onCleanup, onMount, Show, Switch } from 'solid-js';
import type { Card } from '../../api/driver';
import { type ApiError, asApiError } from '../../api/error';
import { canRequestPhone, confirmClosing } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { formatPhone } from '../../ui/format';
import { CargoGone } from '../cargos/CargoGone';
import { isGone, openCargo, openedCargo } from '../cargos/openedCargos';
import { profileWords } from '../profile/messages';
import { driver, list } from '../shell/app';
import { priceText, routeText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { ErrorNotice } from '../shell/Notice';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { Skeletons } from '../shell/Skeletons';
import { responseTo } from './known';
import { respondWords } from './messages';
import { type OfferField, PERCENTS, pricePlus } from './offer';
import { isLeaving, keptFor } from './outbox';
import { TroubleText } from './RespondAction';
import { createResponding } from './responding';
import { changeDraft, draftErrors, draftFor } from './responseDrafts';
import { canRespond } from './responseStore';
import '../../ui/field.css';

/** What a driver may add to a response: another number, a comment, a price. What is typed stays until it is sent. */
export function RespondScreen(props: { id: string }) {
  const [error, setError] = createSignal<ApiError | null>(null);
  const cargo = (): Card | null => openedCargo(props.id)?.cargo ?? list.find(props.id);

  async function load(): Promise<void> {
    setError(null);
    try {
      await openCargo(props.id);
    } catch (reason) {
      setError(asApiError(reason));
    }
  }
  // The screen of the cargo has loaded it, unless this one is the first after a reload.
  onMount(() => !openedCargo(props.id) && void load());

  // Once there is a response, on its way or there, the cargo shows it.
  const answered = createMemo(
    () => !canRespond(responseTo(props.id), openedCargo(props.id)?.freed) || isLeaving(keptFor(props.id)),
  );
  createEffect(() => answered() && goBack());

  return (
    <main class="screen respond-screen" data-testid="respond-screen">
      <ScreenHeader title={t().respond.title} />
      <Switch fallback={<Skeletons />}>
        <Match when={isGone(error())}>
          <CargoGone />
        </Match>
        <Match when={cargo()}>{(known) => <OfferForm cargo={known()} />}</Match>
        <Match when={error()}>{(failure) => <ErrorNotice error={failure()} onRetry={() => void load()} />}</Match>
      </Switch>
    </main>
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

  return (
    <>
      <section class="panel">
        <b>{routeText(props.cargo)}</b>
        <p class="small">{priceText(props.cargo.price_rub)}</p>
      </section>
      <form
        class="panel"
        novalidate
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          press();
        }}
      >
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
      </form>
      <MainAction text={text()} onPress={press}>
        <Show when={trouble()}>{(blocked) => <TroubleText trouble={blocked()} />}</Show>
      </MainAction>
    </>
  );
}
