/** The answers to a question that was asked in place of a button: to leave it, which has the focus, and to do it. */
export function Answers(props: {
  cancel: string;
  yes: string;
  yesTestId: string;
  busy: boolean;
  onCancel: () => void;
  onYes: () => void;
}) {
  return (
    <div class="pair">
      <button
        class="button"
        type="button"
        ref={(button) => queueMicrotask(() => button.focus())}
        onClick={() => props.onCancel()}
      >
        {props.cancel}
      </button>
      <button
        class="button button-danger"
        type="button"
        data-testid={props.yesTestId}
        aria-busy={props.busy}
        onClick={() => !props.busy && props.onYes()}
      >
        {props.yes}
      </button>
    </div>
  );
}
