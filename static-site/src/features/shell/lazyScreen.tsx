import type { Component, JSX } from 'solid-js';
import { createComponent, createEffect, createSignal, ErrorBoundary, Match, Show, Switch } from 'solid-js';
import { online } from './app';
import { PartFailed } from './Notice';
import { ScreenHeader } from './ScreenHeader';
import { Skeletons } from './Skeletons';

/** Style sheets that did not come: the bundler asks for each only once. */
const lostStyles = new Set<HTMLLinkElement>();
document.addEventListener(
  'error',
  ({ target }) => target instanceof HTMLLinkElement && target.rel === 'stylesheet' && lostStyles.add(target),
  true,
);

/** Has parts that are loaded next bring their style sheets, also those that did not come before. */
export async function fetchLostStyles(): Promise<void> {
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

/** Whether a part can be had: some browsers never ask again for one that failed. */
export function canLoad(): boolean {
  return online() || !!navigator.serviceWorker?.controller;
}

/** What stands in place of a screen that is not there. */
function Outline(props: { title: (() => string) | undefined; children: JSX.Element }) {
  return (
    <main class="screen">
      <Show when={props.title}>{(title) => <ScreenHeader title={title()()} />}</Show>
      {props.children}
    </main>
  );
}

/**
 * A screen that is loaded when it is first wanted, and the function that loads it ahead of that. Whatever becomes of
 * it, its title and the way back are there; a screen without a title stands in place of the app.
 */
export function lazyScreen<P extends object>(
  load: () => Promise<Component<P>>,
  title?: () => string,
): [Component<P>, () => void] {
  const [component, setComponent] = createSignal<Component<P> | null>(null);
  const [failed, setFailed] = createSignal(false);
  let loading = false;

  function start(): void {
    if (loading || component()) return;
    loading = true;
    setFailed(false);
    fetchLostStyles()
      .then(load)
      .then(
        (loaded) => setComponent(() => loaded),
        () => {
          loading = false;
          setFailed(true);
        },
      );
  }

  function Screen(props: P) {
    // Also when the network is back.
    createEffect(() => canLoad() && start());
    return (
      <Switch
        fallback={
          <Outline title={title}>
            <Skeletons />
          </Outline>
        }
      >
        <Match when={component()}>
          {(loaded) => (
            <ErrorBoundary
              fallback={
                <Outline title={title}>
                  <PartFailed />
                </Outline>
              }
            >
              {createComponent(loaded(), props)}
            </ErrorBoundary>
          )}
        </Match>
        <Match when={failed() || !canLoad()}>
          <Outline title={title}>
            <PartFailed />
          </Outline>
        </Match>
      </Switch>
    );
  }

  return [Screen, start];
}
