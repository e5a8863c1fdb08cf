import { randomUUID } from "node:crypto";
import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Central } from "@gatehouse/central-database";
import { rawClient, type RawClient } from "@gatehouse/socket-server/testing";
import { expect, onTestFinished } from "vitest";
import type { Channel } from "../channel.ts";
import type { ReadUpTo, ServerFrame, ShownMessage } from "./frames.ts";
import { localChannel, type LocalChannelOptions } from "./local-channel.ts";

/** A central database with the groups Ana and Ops, the owner Ana, and Bo, who is a member of Ana. */
export type ChatFixture = {
  readonly central: Central;
  readonly socketPath: string;
  readonly filesDir: string;
  /** Errors that the channel reported. A test fails if there is one that it does not expect. */
  readonly bugs: unknown[];
  readonly open: (more?: Partial<LocalChannelOptions>) => Channel;
  readonly client: () => RawClient;
};

export const chatFixture = async (): Promise<ChatFixture> => {
  const central = await openedCentral(temporaryFolder());
  const { db } = central;
  await addRow(db, "agent_groups", { id: "ag-ana", name: "Ana", folder: "ana" });
  await addRow(db, "agent_groups", { id: "ag-ops", name: "Ops", folder: "ops-team" });
  for (const [id, display_name] of [
    ["local:ana", "Ana"],
    ["local:bo", "Bo"],
    ["local:cy", "Cy"],
  ] as const)
    await addRow(db, "users", { id, kind: "local", display_name });
  await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
  await addRow(db, "agent_group_members", { user_id: "local:bo", agent_group_id: "ag-ana" });
  const folder = mkdtempSync(join(tmpdir(), "chat-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "chat.sock");
  const bugs: unknown[] = [];
  return {
    central,
    socketPath,
    filesDir: join(folder, "files"),
    bugs,
    open: (more = {}) =>
      localChannel({
        db,
        socketPath,
        filesDir: join(folder, "files"),
        now: () => new Date().toISOString(),
        id: (prefix) => `${prefix}-${randomUUID()}`,
        report: (error) => bugs.push(error),
        retryMs: 5,
        ...more,
      }),
    client: () => rawClient(socketPath),
  };
};

/** The files of a box in the database, as `message/name`, including expired ones. */
export const filesIn = async (
  { central }: ChatFixture,
  box: "chat-in" | "chat-out",
): Promise<readonly string[]> => {
  const rows = await central.db
    .selectFrom("session_files")
    .select(["message_id", "name"])
    .where("box", "=", box)
    .orderBy("message_id")
    .execute();
  return rows.map(({ message_id, name }) => `${message_id}/${name}`);
};

/** The messages to chats whose files are kept for minutes only, because a client has its own copies. */
export const fetchedIn = async ({ central }: ChatFixture): Promise<readonly string[]> => {
  const rows = await central.db
    .selectFrom("session_files")
    .select("message_id")
    .distinct()
    .where("box", "=", "chat-out")
    .where("expires_at", "<", new Date(Date.now() + 3_600_000).toISOString())
    .orderBy("message_id")
    .execute();
  return rows.map(({ message_id: id }) => id);
};

export const line = (frame: unknown): string => `${JSON.stringify(frame)}\n`;

export const hello = (group: string, as?: string, after?: ReadUpTo): string =>
  line({ type: "hello", version: 1, group, as, after });

/** The frames of a type that a client has received. */
export const framesOf = <T extends ServerFrame["type"]>(
  client: RawClient,
  type: T,
): readonly Extract<ServerFrame, { readonly type: T }>[] =>
  (client.heard() as readonly ServerFrame[]).filter(
    (frame): frame is Extract<ServerFrame, { readonly type: T }> => frame.type === type,
  );

/** A welcomed client. */
export const welcomed = async (
  fixture: ChatFixture,
  group: string,
  as?: string,
  after?: ReadUpTo,
): Promise<RawClient> => {
  const client = fixture.client();
  client.say(hello(group, as, after));
  await client.hear(1);
  expect(client.heard()[0]).toMatchObject({ type: "welcome" });
  return client;
};

export const messagesOf = (client: RawClient): readonly ShownMessage[] => framesOf(client, "message");
