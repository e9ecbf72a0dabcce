import type { ExtensionUIContext, Theme } from "@mariozechner/pi-coding-agent";
import type { Component, SettingItem, TUI } from "@mariozechner/pi-tui";

import type { ConfigField } from "../../lib/config/schema.ts";
import type { ConfigDraft, DraftField } from "../../lib/config/draft.ts";
import { createInput } from "./input.ts";
import type { InputField } from "./input.ts";

/** How a person left the form. */
export type FormEnd = "save" | "cancel";

/** Behind the fields of the form. */
const saveId = "save";

/**
 * Lets a person change the draft in a form in the place of pi's editor. Undefined where there is
 * no terminal to show it in.
 */
export function editInTerminal(
  ui: ExtensionUIContext,
  draft: ConfigDraft,
  signal: AbortSignal,
): Promise<FormEnd | undefined> {
  return show<FormEnd>(ui, signal, "cancel", (tui, theme, done) =>
    createForm(draft, tui, theme, done),
  );
}

/**
 * Shows that work goes on, and gives what comes of it; undefined where the person or the session ended
 * it. Where there is no terminal, a notice has to do.
 */
export async function waitVisibly<T>(
  ui: ExtensionUIContext,
  signal: AbortSignal,
  message: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ result: T } | undefined> {
  const started: Promise<T>[] = [];
  const end = await show<"over" | "ended">(ui, signal, "ended", async (tui, theme, done) => {
    const { BorderedLoader } = await import("@mariozechner/pi-coding-agent");
    const loader = new BorderedLoader(tui, theme, message);
    loader.onAbort = () => done("ended");
    const working = work(loader.signal);
    started.push(working);
    working.then(
      () => done("over"),
      () => done("over"),
    );
    return loader;
  });
  if (end === "ended") return undefined;
  if (end === undefined) ui.notify(message);
  try {
    return { result: await (started[0] ?? work(signal)) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

type Create<T> = (tui: TUI, theme: Theme, done: (result: T) => void) => Promise<Component>;

/** Shows a component until it is done or the session ends; undefined where there is no terminal. */
export async function show<T>(
  ui: ExtensionUIContext,
  signal: AbortSignal,
  atEnd: T,
  create: Create<T>,
): Promise<T | undefined> {
  let isShown = false;
  const result = await ui.custom<T>((tui, theme, _keybindings, done) => {
    isShown = true;
    signal.addEventListener("abort", () => done(atEnd), { once: true });
    return create(tui, theme, done);
  });
  // Without a terminal pi answers at once, and not every version says so beforehand.
  return isShown ? result : undefined;
}

/** In the style of pi's own settings, but that nothing is changed before it is saved. */
async function createForm(
  draft: ConfigDraft,
  tui: TUI,
  theme: Theme,
  done: (end: FormEnd) => void,
): Promise<Component> {
  const parts = await import("@mariozechner/pi-tui");
  const { DynamicBorder, getSettingsListTheme } = await import("@mariozechner/pi-coding-agent");
  const save: SettingItem = {
    id: saveId,
    label: "Save",
    description: `Check what is new of server and key, and write ${draft.path}.`,
    currentValue: "",
    values: [saveId],
  };
  const update = (): void => {
    for (const item of items) {
      if (item !== save) Object.assign(item, describe(draft.field(item.id as ConfigField), theme));
    }
    save.currentValue = describeChanges(draft);
  };
  const setField = (field: ConfigField, typed: string): void => {
    draft.set(field, typed);
    update();
  };
  const openInput = (field: ConfigField, close: () => void): Component =>
    createInput(parts, theme, describeInput(draft.field(field)), (typed) => {
      if (typed !== undefined) setField(field, typed);
      close();
    });
  const items = [...draft.fields().map((field) => createItem(field, openInput)), save];
  update();

  const list = new parts.SettingsList(
    items,
    items.length,
    getSettingsListTheme(),
    (id, value) => (id === saveId ? done("save") : setField(id as ConfigField, value)),
    () => done("cancel"),
  );
  const border = (text: string): string => theme.fg("border", text);
  const title = theme.fg("accent", theme.bold("OpenSync settings"));
  const form = new parts.Container();
  form.addChild(new DynamicBorder(border));
  form.addChild(new parts.Text(title, 1, 0));
  form.addChild(new parts.Spacer(1));
  form.addChild(list);
  form.addChild(new DynamicBorder(border));
  return Object.assign(form, {
    handleInput(data: string) {
      list.handleInput(data);
      tui.requestRender();
    },
  });
}

function describeInput(field: DraftField): InputField {
  return { ...field, enterMeans: field.isSecret ? "accept, empty to keep" : "accept" };
}

function createItem(
  { field, kind, label, lockedBy }: DraftField,
  openInput: (field: ConfigField, close: () => void) => Component,
): SettingItem {
  const item = { id: field, label, currentValue: "" };
  if (lockedBy !== undefined) return item;
  if (kind === "flag") return { ...item, values: ["true", "false"] };
  return { ...item, submenu: (_shown, close) => openInput(field, close) };
}

function describe(
  { shown, description, lockedBy, problem }: DraftField,
  theme: Theme,
): Pick<SettingItem, "currentValue" | "description"> {
  const lines = [description];
  if (lockedBy !== undefined) lines.push(`It is set by the variable ${lockedBy}.`);
  if (problem !== undefined) lines.push(theme.fg("error", problem));
  return { currentValue: shown, description: lines.join("\n") };
}

function describeChanges(draft: ConfigDraft): string {
  const count = Object.keys(draft.changes()).length;
  if (count === 0) return "nothing changed";
  return count === 1 ? "1 change" : `${count} changes`;
}
