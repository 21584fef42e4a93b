import { type JSX, onMount } from 'solid-js';

/** The top of every screen but the list and a cargo: its title, which takes the focus. */
export function ScreenHeader(props: { title: string; children?: JSX.Element }) {
  let heading!: HTMLHeadingElement;
  onMount(() => heading.focus({ preventScroll: true }));
  return (
    <header class="screen-header">
      <h1 tabindex="-1" ref={heading}>
        {props.title}
      </h1>
      {props.children}
    </header>
  );
}
