import type { JSX } from "preact";
import { Dialog } from "./ui/dialog.tsx";

const keys: [keys: string[], what: string][] = [
  [["/"], "Search"],
  [["j", "k"], "Next and previous session, hit or message"],
  [["Enter"], "Open"],
  [["Esc"], "Back to where you came from"],
  [["]", "["], "Next and previous prompt of a session"],
  [["e"], "Export a session"],
  [["?"], "This help"],
];

/** Which keys do what. */
export function HelpDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
