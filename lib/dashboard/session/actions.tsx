import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionDetail } from "../api.ts";
import { useServices } from "../context.ts";
import { navigate } from "../navigation.ts";
import type { ExportFormat } from "../net/api-client.ts";
import { toError } from "../net/use-load.ts";
import { announce } from "../ui/announce.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { formatNumberOf } from "../ui/format.ts";
import { useKeys } from "../ui/keys.ts";
import { Plain } from "../ui/plain.tsx";
import { plainTitle } from "../ui/session-title.tsx";

const formats: { format: ExportFormat; name: string; about: string }[] = [
  { format: "markdown", name: "Markdown", about: "to read" },
  { format: "json", name: "JSON", about: "one document" },
  { format: "jsonl", name: "JSONL", about: "one message a line" },
];

/** What can be done with a session: resume it, save it, delete it. */
export function Actions({ detail }: { detail: SessionDetail }): JSX.Element {
  const [isDeleting, setDeleting] = useState(false);
  const { resumeCommand } = detail;
  return (
    <div class="actions">
      {resumeCommand !== undefined && (
        <CopyButton what="Command" text={() => resumeCommand}>
          Copy resume command
        </CopyButton>
      )}
      <ExportMenu id={detail.session.id} />
      <button type="button" onClick={() => setDeleting(true)}>
        Delete…
      </button>
      {isDeleting && <DeleteDialog detail={detail} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function ExportMenu({ id }: { id: string }): JSX.Element {
  const { api } = useServices();
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (menu.current) menu.current.open = false;
  };
  useKeys({
    e: () => {
      if (menu.current === null) return;
      menu.current.open = true;
      menu.current.querySelector("button")?.focus();
    },
  });
  useCloseOutside(menu, close);
  const save = async (format: ExportFormat): Promise<void> => {
    close();
    try {
      const { name, content } = await api.exportSession(id, format);
      saveFile(name, content);
      announce(`Saved as ${name}.`);
    } catch (error) {
      announce(toError(error).message);
    }
  };
  return (
    <details class="menu" ref={menu}>
      <summary>Export</summary>
      <div class="menu-body">
        {formats.map(({ format, name, about }) => (
          <button key={format} type="button" onClick={() => void save(format)}>
            {name} <span class="facts">{about}</span>
          </button>
        ))}
      </div>
    </details>
  );
}

function useCloseOutside(menu: { current: HTMLDetailsElement | null }, close: () => void): void {
  useEffect(() => {
    const onClick = (event: Event): void => {
      if (event.target instanceof Node && !menu.current?.contains(event.target)) close();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !menu.current?.open) return;
      event.preventDefault();
      close();
      menu.current.querySelector("summary")?.focus();
    };
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("click", onClick);
      document.removeEventListener("keydown", onKey, true);
    };
  }, []);
}

function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  // `target` keeps the page's own links' handling away from it.
  link.target = "_blank";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function DeleteDialog(props: { detail: SessionDetail; onClose: () => void }): JSX.Element {
  const { api } = useServices();
  const { session, total } = props.detail;
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.deleteSession(session.id);
      announce("Session deleted.");
      navigate("/", true);
    } catch (thrown) {
      setBusy(false);
      setError(toError(thrown).message);
    }
  };
  return (
    <Dialog title="Delete this session?" onClose={props.onClose}>
      <p>
        <strong>
          <Plain text={plainTitle(session.title)} />
        </strong>
      </p>
      <p>
        {formatNumberOf(total, "message")} go from this server for good. pi's own file of the
        session stays where it is.
      </p>
      {error !== "" && <p role="alert">{error}</p>}
      <div class="dialog-buttons">
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={isBusy} onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
