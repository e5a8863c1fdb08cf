// A runner that echoes: `echo-runner.fixture.ts ADDRESS answers|claims [PIN]`, with its token on stdin. With
// `claims` it claims messages, prints their ids, and answers none of them. It pings five times a second.
import process from "node:process";
import { createInterface } from "node:readline";
import type { ReceivedInbound } from "@gatehouse/session-rows/messages";
import { wireAddressOf } from "./wire-address.ts";
import { connectToHost } from "./runner/connect-to-host.ts";
import { dialHost } from "./runner/dial-host.ts";

const [text = "", mode = "", pin = null] = process.argv.slice(2);
const address = wireAddressOf(text);
if (address === null) throw new Error(`${text} is no address.`);
const now = (): string => new Date().toISOString();

const [token = ""] = await new Promise<string[]>((resolve) =>
  createInterface({ input: process.stdin }).once("line", (line) => resolve([line])),
);
const agent = dialHost({ token, pingMs: 200, connect: () => connectToHost(address, pin) });
let isFirst = true;

const answer = async ({ id, content }: ReceivedInbound): Promise<void> => {
  const acknowledged = (status: "processing" | "completed") => ({ id, status, reason: null });
  await agent.commit({ acknowledgements: [acknowledged("processing")], messages: [], now: now() });
  process.stdout.write(`${id}\n`);
  if (mode === "claims") return;
  const nowhere = { channelType: null, platformId: null, threadId: null };
  const reply = { id: `re-${id}`, inReplyTo: id, kind: "chat", content, deliverAfter: null } as const;
  const messages = [{ ...nowhere, ...reply, timestamp: now() }];
  await agent.commit({ acknowledgements: [acknowledged("completed")], messages, now: now() });
};

let turn: Promise<void> = Promise.resolve();
const poll = async (): Promise<void> => {
  const batch = await agent.receive({ isFirst, limit: 10, now: now() });
  if (!batch.ok) throw new Error(`${batch.error.code}: ${batch.error.message}`);
  isFirst = false;
  for (const message of batch.value) await answer(message);
};
agent.onChange(() => (turn = turn.then(poll)));
