import type { ComponentChildren, JSX } from "preact";

/** Says in plain words why there is nothing to see, and what to do. */
export function Notice(props: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="notice">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** Says what went wrong, with a way to try again. */
export function Failure(props: { error: Error; onRetry: () => void }): JSX.Element {
  return (
    <div class="notice" role="alert">
      <h2>That did not work</h2>
      <p>{props.error.message}</p>
      <button type="button" onClick={props.onRetry}>
        Try again
      </button>
    </div>
  );
}
