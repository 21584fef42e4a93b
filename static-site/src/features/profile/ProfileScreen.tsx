import { createSignal, onMount, Show } from 'solid-js';
import { ApiError, asApiError } from '../../api/error';
import type { Language } from '../../api/types';
import { ADMIN } from '../../platform/personal';
import { haptic } from '../../platform/telegram';
import { Answers } from '../../ui/Answers';
import { Choices } from '../../ui/Choices';
import { formatPhone } from '../../ui/format';
import { createQuestion } from '../../ui/question';
import { showToast } from '../../ui/toast';
import { access } from '../billing/access';
import { money } from '../billing/messages';
import { accessText, endsSoonText, isRunning } from '../billing/subscription';
import { api, chooseLanguage, driver, loadChoices, refreshAccess, session, storage } from '../shell/app';
import { errorText } from '../shell/display';
import { language, t } from '../shell/messages';
import { hrefOf } from '../shell/route';
import { ScreenHeader } from '../shell/ScreenHeader';
import { SupportLink } from '../shell/SupportLink';
import { truckWords } from '../truck/messages';
import { truckText } from '../truck/truckText';
import { profileWords } from './messages';
import './profile.css';

/** Who the driver is, what they have paid for, in which language the app speaks, and the ways out. */
export function ProfileScreen() {
  onMount(async () => {
    void refreshAccess();
    if (driver()?.truck) loadChoices('truck-types').catch(() => undefined);
    try {
      session.setDriver(await api.me());
    } catch {
      // What the sign-in said is shown.
    }
  });

  async function choose(next: Language): Promise<void> {
    try {
      await chooseLanguage(next);
      session.setDriver(await api.saveMe({ preferences: { language: next } }));
    } catch (reason) {
      showToast(errorText(reason instanceof ApiError ? reason : new ApiError('network')));
    }
  }

  const name = () => [driver()?.first_name, driver()?.last_name].filter(Boolean).join(' ');
  const reached = () => {
    const me = driver();
    return [me?.phone && formatPhone(me.phone), me?.company, me?.email].filter(Boolean).join(' · ');
  };
  const subscription = () => {
    const known = access()?.subscription;
    if (!known) return '';
    return isRunning(known) ? `${accessText(known)}, ${money().left(known.days_left)}` : accessText(known);
  };

  return (
    <main class="screen tab-screen profile-screen" data-testid="profile-screen">
      <ScreenHeader title={t().profile.title} />
      <Show when={endsSoonText(access()?.subscription)}>
        {(text) => (
          <p class="banner" data-testid="ends-soon">
            {text()}
          </p>
        )}
      </Show>
      <div class="rows">
        <a class="row" data-testid="edit" href={hrefOf({ name: 'edit' })}>
          <span class="row-text">
            <b>{name()}</b>
            <span class="small">{reached() || profileWords().nothingYet}</span>
          </span>
          <span class="row-more">{profileWords().edit}</span>
        </a>
      </div>
      <div class="rows">
        <a class="row" data-testid="open-truck" href={hrefOf({ name: 'truck' })}>
          <span class="row-text">
            {t().profile.truck}
            <span class="small">{truckText(driver()?.truck ?? null) || truckWords().tellUs}</span>
          </span>
        </a>
        <a class="row" data-testid="open-subscription" href={hrefOf({ name: 'subscription' })}>
          <span class="row-text">
            {t().profile.subscription}
            <span class="small">{subscription()}</span>
          </span>
        </a>
        <div class="row row-choice">
          <span class="row-text">{profileWords().language}</span>
          <Choices
            label={profileWords().language}
            testId="language"
            options={['ru', 'en'] as const}
            text={(each) => profileWords()[each]}
            selected={(each) => language() === each}
            onSelect={(each) => void choose(each)}
          />
        </div>
        <SupportLink class="row" />
        <Show when={driver()?.roles?.length || storage.get(ADMIN)}>
          <a class="row" data-testid="open-admin" href="/app/admin/">
            {profileWords().administration}
          </a>
        </Show>
        <SignOut />
      </div>
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
        <button class="row row-danger" type="button" data-testid="sign-out" onClick={() => ask(true)}>
          {profileWords().signOut}
        </button>
      }
    >
      <section class="panel" role="group" aria-label={profileWords().signOutQuestion}>
        <h2>{profileWords().signOutQuestion}</h2>
        <p class="small">{profileWords().signOutHint}</p>
        <Answers
          cancel={t().cancel}
          yes={profileWords().signOutYes}
          yesTestId="sign-out-yes"
          busy={busy()}
          onCancel={() => ask(false)}
          onYes={() => void signOut()}
        />
      </section>
    </Show>
  );
}
