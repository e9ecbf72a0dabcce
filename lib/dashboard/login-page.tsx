import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

/** What somebody sees who is not let in yet. */
export function LoginPage(props: { problem: string | undefined; isBusy: boolean }): JSX.Element {
  useEffect(() => {
    document.title = "pi-opensync";
  }, []);
  if (props.isBusy) return <main class="login" aria-busy="true" />;
  return (
    <main class="login">
      <h1>Your sessions are behind a link</h1>
      {props.problem !== undefined && (
        <p role="alert" class="problem">
          {props.problem}
        </p>
      )}
      <p>Nobody else on this machine can read them. To get in, run</p>
      <pre>
        <code>pi-opensync open</code>
      </pre>
      <p>
        It opens this page in your browser with a link that is good once. The browser then stays in
        for 90 days.
      </p>
    </main>
  );
}
