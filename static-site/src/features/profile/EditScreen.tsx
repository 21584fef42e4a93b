import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import type { MeChange } from '../../api/driver';
import { asApiError } from '../../api/error';
import { parsePhone } from '../../platform/phone';
import { canRequestPhone, confirmClosing, haptic } from '../../platform/telegram';
import { Field } from '../../ui/Field';
import { formatPhone } from '../../ui/format';
import { showToast } from '../../ui/toast';
import { respondWords } from '../responses/messages';
import { api, driver, session } from '../shell/app';
import { errorText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { t } from '../shell/messages';
import { goBack } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { sharePhone } from './contact';
import { emailFault } from './email';
import { profileWords } from './messages';
import '../../ui/field.css';

const FIELDS = ['phone', 'company', 'email'] as const;
type FieldName = (typeof FIELDS)[number];
type Texts = Record<FieldName, string>;

/** How to reach the driver, and for whom they drive. */
export function EditScreen() {
  const saved = (): Texts => {
    const me = driver();
    return { phone: me?.phone ? formatPhone(me.phone) : '', company: me?.company ?? '', email: me?.email ?? '' };
  };
  const [texts, setTexts] = createSignal<Texts>(saved());
  const [errors, setErrors] = createSignal<Partial<Texts>>({});
  const [busy, setBusy] = createSignal(false);
  const [sharing, setSharing] = createSignal(false);
  const dirty = () => FIELDS.some((field) => texts()[field].trim() !== saved()[field]);

  onMount(async () => {
    try {
      const answer = await api.me();
      const untouched = !dirty();
      session.setDriver(answer);
      if (untouched) setTexts(saved());
    } catch {
      // What the sign-in said is shown; saving will tell if there is no connection.
    }
  });
  createEffect(() => confirmClosing(dirty()));
  onCleanup(() => confirmClosing(false));

  async function save(): Promise<void> {
    const phone = parsePhone(texts().phone);
    const email = texts().email.trim();
    const wrong: Partial<Texts> = {};
    if (texts().phone.trim() !== '' && phone === null) wrong.phone = profileWords().errors.phone;
    const fault = email === '' ? null : emailFault(email);
    if (fault) wrong.email = profileWords().errors[fault === 'latin' ? 'emailLatin' : 'email'];
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return haptic('error');
    const company = texts().company.trim() || null;
    await send(session.isByLink() ? { company } : { phone, company, email: email || null });
  }

  async function send(change: MeChange): Promise<void> {
    setBusy(true);
    try {
      session.setDriver(await api.saveMe(change));
      setTexts(saved());
      haptic('success');
      showToast(profileWords().saved);
      goBack();
    } catch (reason) {
      const error = asApiError(reason);
      const wrong: Partial<Texts> = {};
      // The server's own words are for engineers.
      for (const { field } of error.fields) {
        const name = FIELDS.find((each) => each === field);
        if (name) wrong[name] = profileWords().errors[name];
      }
      setErrors(wrong);
      haptic('error');
      if (Object.keys(wrong).length === 0) showToast(errorText(error));
    } finally {
      setBusy(false);
    }
  }

  async function confirmPhone(): Promise<void> {
    setSharing(true);
    const shared = await sharePhone();
    setSharing(false);
    // A driver who refuses knows that.
    if (shared === 'refused') return;
    if (shared === 'confirmed') setTexts({ ...texts(), phone: saved().phone });
    haptic(shared === 'confirmed' ? 'success' : 'error');
    showToast(shared === 'confirmed' ? profileWords().confirmed : respondWords().phoneLate);
  }

  const input = (field: FieldName, label: string, type: string, autocomplete: string, hint?: () => string) => (
    <Field
      label={label}
      error={errors()[field]}
      hint={<Show when={hint?.()}>{(text) => <p class="small">{text()}</p>}</Show>}
    >
      {(id, aboutId) => (
        <input
          id={id}
          aria-describedby={aboutId}
          aria-invalid={!!errors()[field]}
          type={type}
          autocomplete={autocomplete}
          data-testid={field}
          value={texts()[field]}
          readOnly={field !== 'company' && session.isByLink()}
          onInput={(event) => setTexts({ ...texts(), [field]: event.currentTarget.value })}
        />
      )}
    </Field>
  );

  const phoneHint = () => {
    const me = driver();
    if (session.isByLink()) return profileWords().byLink;
    if (!me?.phone) return profileWords().phoneHint;
    return me.phone_confirmed ? profileWords().phoneConfirmed : profileWords().phoneNotConfirmed;
  };

  return (
    <main class="screen edit-screen" data-testid="edit-screen">
      <ScreenHeader title={t().profile.edit} />
      <form
        class="panel"
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {input('phone', profileWords().phone, 'tel', 'tel', phoneHint)}
        <Show when={canRequestPhone() && !driver()?.phone_confirmed}>
          <button
            class="button share-phone"
            type="button"
            data-testid="confirm-phone"
            aria-busy={sharing()}
            onClick={() => !sharing() && void confirmPhone()}
          >
            {sharing() ? respondWords().waitingForPhone : profileWords().confirmPhone}
          </button>
        </Show>
        {input('company', profileWords().company, 'text', 'organization')}
        {input('email', profileWords().email, 'email', 'email')}
      </form>
      <Show when={dirty() || busy()}>
        <MainAction text={profileWords().save} busy={busy()} onPress={() => void save()} />
      </Show>
    </main>
  );
}
