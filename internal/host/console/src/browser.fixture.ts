import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { localChannel, type Channel } from "@gatehouse/channels";
import { transportsOf } from "@gatehouse/dispatch";
import { hostBed, type Bed } from "@gatehouse/dispatch/testing";
import { usageCommands } from "@gatehouse/gateway-commands";
import { expect, onTestFinished } from "vitest";
import { consoleApp } from "./console-app.ts";
import { eventStreams, type EventStreams } from "./event-streams.ts";
import { hostDeps, type HostDeps } from "./host-deps.ts";
import type { DoctorResult } from "./pages/health.ts";
import { signIns } from "./sign-ins.ts";

export const origin = "http://127.0.0.1:7470";

/** The clock of the bed begins in this hour. */
const bedNow = "2026-11-20T08:00:00.000Z";

/** What a request adds to, or replaces in, those of a browser. */
type Over = {
  readonly host?: string;
  readonly origin?: string | null;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

type Form = URLSearchParams | FormData;

/** The text of a page, and its status. */
export type Page = { readonly status: number; readonly text: string; readonly headers: Headers };

/** A browser without script. */
export type Browser = {
  readonly get: (path: string, over?: Over) => Promise<Page>;
  /** Sends a form, and follows the answer to the next page. Without `form` it is that of this sign-in. */
  readonly post: (
    path: string,
    form: Readonly<Record<string, string>>,
    over?: Over,
    files?: readonly File[],
  ) => Promise<Page>;
  readonly signIn: (code: string) => Promise<Page>;
  readonly cookie: () => string;
};

/** A console, and what is behind it. */
type ConsoleBed = {
  readonly bed: Bed;
  readonly app: ReturnType<typeof consoleApp>;
  /** The host behind the pages. */
  readonly deps: HostDeps;
  readonly browser: () => Browser;
  readonly invite: (userId: string | null) => string;
  readonly streams: EventStreams;
  /** Opens the chats of the host. No agent answers. */
  readonly openChats: () => Promise<Channel>;
  /** Moves the clock of the sign-ins forward, ms. */
  readonly later: (ms: number) => void;
};

const badCheck = { name: "cli", state: "fail", message: 'no "claude"', fix: "npm install" } as const;

/** Makes a console over a host with groups, agents and people. */
export const consoleBed = async (origins: readonly string[] = [origin]): Promise<ConsoleBed> => {
  const bed: Bed = await hostBed({
    commandsOn: ({ reading: db }, dataDir) => usageCommands({ db, dataDir }),
  });
  let time = 0;
  const kept = signIns(() => time);
  const failures: unknown[] = [];
  const streams = eventStreams((error) => failures.push(error));
  onTestFinished(() => {
    streams.close();
    expect(failures).toEqual([]);
  });
  const { db } = bed.central;
  const socketPath = join(bed.dataDir, "chat.sock");
  const clock = { now: () => bedNow, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const openChats = async (): Promise<Channel> => {
    const filesDir = join(bed.dataDir, "chat-files");
    const report = (error: unknown): unknown => failures.push(error);
    const channel = localChannel({ db, socketPath, filesDir, ...clock, report });
    await channel.start(() => Promise.resolve());
    onTestFinished(() => channel.close());
    return channel;
  };
  const doctored: DoctorResult[] = [];
  const deps: ConsoleBed["deps"] = hostDeps({
    dataDir: bed.dataDir,
    health: {
      rows: () => Promise.resolve([{ name: "disk", text: "1 GB free", isWrong: false }]),
      doctor: () => doctored.at(-1) ?? null,
      runDoctor: async () => {
        doctored.push({ at: bedNow, ok: false, verdict: "Not ready.", checks: [badCheck] });
      },
    },
    now: () => bedNow,
    reading: db,
    commands: bed.host.commands,
    transports: transportsOf(db, bed.host),
  });
  const app = consoleApp({ ...deps, origins: () => origins, signIns: kept, streams, known: () => {} });
  const browser = (): Browser => {
    let cookie = "";
    const ask = async (method: string, path: string, over: Over, body?: Form): Promise<Page> => {
      const { host = new URL(origin).host, cookie: other = cookie } = over;
      const from = over.origin === undefined ? origin : over.origin;
      const answer = await app.request(`${origin}${path}`, {
        method,
        headers: {
          host,
          cookie: other,
          ...(from === null || method === "GET" ? {} : { origin: from }),
          ...over.headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const [set] = answer.headers.getSetCookie();
      if (set !== undefined) cookie = set.split(";", 1)[0] ?? "";
      const to = answer.headers.get("location");
      if (to !== null) return ask("GET", to, over);
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    };
    let formToken = "";
    const remember = (page: Page): Page => {
      formToken = /name="form" value="([^"]*)"/.exec(page.text)?.[1] ?? formToken;
      return page;
    };
    return {
      get: async (path, over = {}) => remember(await ask("GET", path, over)),
      post: async (path, form, over = {}, files) => {
        const fields = { form: formToken, ...form };
        if (files === undefined) return remember(await ask("POST", path, over, new URLSearchParams(fields)));
        const body = new FormData();
        for (const [name, value] of Object.entries(fields)) body.append(name, value);
        for (const file of files) body.append("file", file);
        const length = (await new Response(body).arrayBuffer()).byteLength;
        const headers = { "content-length": String(length), ...over.headers };
        return remember(await ask("POST", path, { ...over, headers }, body));
      },
      signIn: async (code) => remember(await ask("POST", "/sign-in", {}, new URLSearchParams({ code }))),
      cookie: () => cookie,
    };
  };
  return {
    bed,
    app,
    deps,
    browser,
    invite: kept.invite,
    streams,
    openChats,
    later: (ms: number): void => void (time += ms),
  };
};

/** The digest of the card on a page. */
export const seenOn = ({ text }: Page): string => /name="seen" value="([^"]*)"/.exec(text)?.[1] ?? "";
