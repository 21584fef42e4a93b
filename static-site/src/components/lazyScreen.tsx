import { createComponent, createEffect, createSignal, Match, Switch, type Component } from 'solid-js';
import { online } from '../app';
import { PartFailed } from './Notice';
import { Skeletons } from './Skeletons';

/** Style sheets that did not come. The bundler asks for each only once, and a screen without its own is a heap of text. */
const lostStyles = new Set<HTMLLinkElement>();
document.addEventListener(
  'error',
  ({ target }) => target instanceof HTMLLinkElement && target.rel === 'stylesheet' && lostStyles.add(target),
  true,
);

async function fetchLostStyles(): Promise<void> {
  for (const lost of lostStyles) {
    const again = lost.cloneNode() as HTMLLinkElement;
    await new Promise((resolve, reject) => {
      again.onload = resolve;
      again.onerror = reject;
      lost.replaceWith(again);
      lostStyles.delete(lost);
    });
  }
}

/** A screen that is loaded when it is first wanted, and the function that loads it ahead of that. */
export function lazyScreen<P extends object>(load: () => Promise<Component<P>>): [Component<P>, () => void] {
  const [component, setComponent] = createSignal<Component<P> | null>(null);
  const [failed, setFailed] = createSignal(false);
  let loading = false;

  function start(): void {
    if (loading || component()) return;
    loading = true;
    setFailed(false);
    fetchLostStyles().then(load).then(
      (loaded) => setComponent(() => loaded),
      () => {
        loading = false;
        setFailed(true);
      },
    );
  }

  function Screen(props: P) {
    // Also when the network is back.
    createEffect(() => online() && start());
    return (
      <Switch fallback={<main class="screen"><Skeletons /></main>}>
        <Match when={component()}>{(loaded) => createComponent(loaded(), props)}</Match>
        <Match when={failed() || !online()}>
          <main class="screen">
            <PartFailed />
          </main>
        </Match>
      </Switch>
    );
  }

  return [Screen, start];
}
