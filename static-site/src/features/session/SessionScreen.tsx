import type { ClosedReason } from '../../platform/session';
import { fromTelegram } from '../shell/app';
import { Notice } from '../shell/Notice';
import { OpenFromBot } from '../shell/OpenFromBot';
import { sessionWords } from './messages';

/** The app cannot go on by itself: one button opens it anew from the bot. */
export function SessionScreen(props: { reason: ClosedReason; appUrl: string | null }) {
  const words = (): [string, string] => {
    const session = sessionWords();
    return {
      outside: [session.outsideTitle, session.outsideText],
      expired: [session.expiredTitle, session.expiredText],
      refused: [session.refusedTitle, session.refusedText],
      replaced: [session.replacedTitle, session.replacedText],
      signed_out: [session.signedOutTitle, session.signedOutText],
    }[props.reason] as [string, string];
  };
  const text = () => {
    const cameByLink = !fromTelegram && (props.reason === 'replaced' || props.reason === 'signed_out');
    return cameByLink ? sessionWords().linkAgain : words()[1];
  };
  return (
    <main class="screen screen-centred">
      <Notice testId={`session-${props.reason}`} title={words()[0]} text={text()}>
        <OpenFromBot appUrl={props.appUrl} />
      </Notice>
    </main>
  );
}
