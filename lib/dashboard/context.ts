import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { ApiClient } from "./net/api-client.ts";
import type { Live, LiveEvent, LiveStatus } from "./net/live.ts";

/** What every part of the page may use. */
export interface Services {
  api: ApiClient;
  live: Live;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

/** The services of the page. Throws outside of it. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error("used outside of the page");
  return services;
}

/** Hears what happens at the server as long as the component is there. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  const { live } = useServices();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => live.onEvent((event) => latest.current(event)), [live]);
}

/** Loads again when something happened at the server, at most every `paceMs`. */
export function useLiveReload(reload: () => void, paceMs: number): void {
  const latest = useRef(reload);
  latest.current = reload;
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, paceMs);
  });
}

/** Whether the server can be heard. */
export function useLiveStatus(): LiveStatus {
  const { live } = useServices();
  const [status, setStatus] = useState(live.status);
  useEffect(() => live.onStatus(() => setStatus(live.status)), [live]);
  return status;
}
