import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import type { MeChange } from '../../api/driver';
import { ApiError, asApiError } from '../../api/error';
import type { Language } from '../../api/types';
import { ADMIN } from '../../platform/personal';
import { parsePhone } from '../../platform/phone';
import { canRequestPhone, confirmClosing, haptic } from '../../platform/telegram';
import { Choices } from '../../ui/Choices';
import { Field } from '../../ui/Field';
import { formatPhone } from '../../ui/format';
import { createQuestion } from '../../ui/question';
import { showToast } from '../../ui/toast';
import { access } from '../billing/access';
import { endsSoonText } from '../billing/subscription';
import { respondWords } from '../responses/messages';
import { api, chooseLanguage, driver, refreshAccess, session, storage } from '../shell/app';
import { errorText } from '../shell/display';
import { MainAction } from '../shell/MainAction';
import { language, t } from '../shell/messages';
import { hrefOf } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { SupportLink } from '../shell/SupportLink';
import { sharePhone } from './contact';
import { emailFault } from './email';
import { profileWords } from './messages';
import './profile.css';

const FIELDS = ['phone', 'company', 'email'] as const;
type FieldName = (typeof FIELDS)[number];
type Texts = Record<FieldName, string>;

/** Who the driver is, how to reach them, in which language the app speaks. */
export function ProfileScreen() {
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
    void refreshAccess();
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

  async function choose(next: Language): Promise<void> {
    try {
      await chooseLanguage(next);
      session.setDriver(await api.saveMe({ preferences: { language: next } }));
    } catch (reason) {
      showToast(errorText(reason instanceof ApiError ? reason : new ApiError('network')));
    }
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
    <main class="screen profile-screen" data-testid="profile-screen">
      <ScreenHeader title={t().profile.title} />
      <section class="panel profile-name">
        <b>{[driver()?.first_name, driver()?.last_name].filter(Boolean).join(' ')}</b>
        <Show when={driver()?.username}>{(name) => <p class="small">@{name()}</p>}</Show>
      </section>
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
      <section class="panel">
        <h2>{profileWords().language}</h2>
        <Choices
          label={profileWords().language}
          testId="language"
          options={['ru', 'en'] as const}
          text={(each) => profileWords()[each]}
          selected={(each) => language() === each}
          onSelect={(each) => void choose(each)}
        />
      </section>
      <Show when={endsSoonText(access()?.subscription)}>
        {(text) => (
          <p class="banner" data-testid="ends-soon">
            {text()}
          </p>
        )}
      </Show>
      <a class="button" data-testid="open-subscription" href={hrefOf({ name: 'subscription' })}>
        {t().profile.subscription}
      </a>
      <a class="button" data-testid="open-responses" href={hrefOf({ name: 'responses' })}>
        {t().list.responses}
      </a>
      <Show when={driver()?.roles?.length || storage.get(ADMIN)}>
        <a class="button" data-testid="open-admin" href="/app/admin/">
          {profileWords().administration}
        </a>
      </Show>
      <SupportLink />
      <SignOut />
      <Show when={dirty() || busy()}>
        <MainAction text={profileWords().save} busy={busy()} onPress={() => void save()} />
      </Show>
    </main>
  );
}

function SignOut() {
  const [asking, ask] = createQuestion();
  const [busy, setBusy] = createSignal(false);
  async function signOut(): Promise<void> {
    setBusy(true);
    try {
      await session.signOut();
    } catch (reason) {
      setBusy(false);
      haptic('error');
      showToast(errorText(asApiError(reason)));
    }
  }
  return (
    <Show
      when={asking()}
      fallback={
        <button class="button button-danger" type="button" data-testid="sign-out" onClick={() => ask(true)}>
          {profileWords().signOut}
        </button>
      }
    >
      <section class="panel" role="group" aria-label={profileWords().signOutQuestion}>
        <h2>{profileWords().signOutQuestion}</h2>
        <p class="small">{profileWords().signOutHint}</p>
        <div class="pair">
          <button
            class="button"
            type="button"
            ref={(button) => queueMicrotask(() => button.focus())}
            onClick={() => ask(false)}
          >
            {t().cancel}
          </button>
          <button
            class="button button-danger"
            type="button"
            data-testid="sign-out-yes"
            aria-busy={busy()}
            onClick={() => !busy() && void signOut()}
          >
            {profileWords().signOutYes}
          </button>
        </div>
      </section>
    </Show>
  );
}
