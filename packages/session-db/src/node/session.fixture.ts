import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AgentEnd, HostEnd, TransportResult } from "../transport.ts";
import { openAgentEnd, type AgentEndOptions } from "./agent-end.ts";
import { openHostEnd, type HostEndOptions } from "./host-end.ts";
import { inProcessReader, type CountingReader } from "./in-process-reader.fixture.ts";

export const must = <T>(result: TransportResult<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

/** A session's folder, removed after the test, and its ends, closed after it. */
export const session = (): {
  readonly folder: string;
  readonly reader: CountingReader;
  readonly host: (over?: Partial<HostEndOptions>) => HostEnd;
  readonly agent: (over?: Partial<AgentEndOptions>) => AgentEnd;
} => {
  const folder = join(mkdtempSync(join(tmpdir(), "session-db-")), "session");
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  const reader = inProcessReader();
  const closing = <End extends { readonly close: () => Promise<void> }>(end: End): End => {
    onTestFinished(() => end.close());
    return end;
  };
  return {
    folder,
    reader,
    host: (over = {}) => closing(openHostEnd({ folder, token: 1, reader, ...over })),
    agent: (over = {}) => closing(openAgentEnd({ folder, ...over })),
  };
};
