import { cardOf } from "@gatehouse/approvals";
import { approvalCards, type FromPerson } from "@gatehouse/channels";
import type { Card } from "@gatehouse/std";
import { centralCommandHost, type CentralCommandHost } from "@gatehouse/dispatch";
import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { dispatch } from "@nc/cli-scope";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import type { SessionHost } from "../session-host.ts";
import { fromAna, given, install, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

/** A host with cards and people who answer them. */
export type AskingFixture = SessionFixture & {
  readonly host2: () => Promise<SessionHost>;
  readonly running: SessionHost;
  readonly commands: CentralCommandHost;
  /** Cards that were shown, each with its chat and its lines. */
  readonly cards: () => readonly {
    readonly to: string;
    readonly id: string;
    readonly lines: readonly string[];
    readonly options: Card["options"];
  }[];
  /** A person chooses an option of a card. */
  readonly click: (userId: string, cardId: string, option: string) => Promise<void>;
};

/**
 * A group chat of Telegram that is wired to Ana's agent and asks about strangers. Ana, the owner, has a
 * direct chat on Telegram and one on this machine.
 */
export const asking = async (options: { readonly channelType?: string } = {}): Promise<AskingFixture> => {
  const fixture = await sessionFixture();
  const { db } = fixture.central;
  const { channelType = "telegram" } = options;
  await db
    .updateTable("messaging_groups")
    .set({
      channel_type: channelType,
      platform_id: "room",
      unknown_sender_policy: "request_approval",
      is_group: 1,
    })
    .execute();
  for (const type of ["local", "telegram"]) {
    const id = `mg-${type}`;
    await addRow(db, "messaging_groups", { id, channel_type: type, platform_id: `ana-on-${type}` });
    await addRow(db, "user_dms", { user_id: "local:ana", channel_type: type, messaging_group_id: id });
  }
  const commands = centralCommandHost(fixture.central, {
    dataDir: fixture.dataDir,
    report: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => commands.flush());
  const channels = [fixture.channel, { ...fixture.channel, type: "telegram", isOfThisMachine: false }];
  const asked = approvalCards({
    db,
    channels,
    pollMs: 5,
    report: (error) => expect.fail(String(error)),
    now: () => new Date().toISOString(),
    id: (prefix) => `${prefix}-${randomUUID()}`,
    commands: () => commands.commands,
    answerUser: (userId, frame) => dispatch(frame, { type: "user", userId }, commands),
  });
  asked.start();
  onTestFinished(() => asked.close());
  const { runtime } = fakeRuntime({ install });
  const open = async (): Promise<SessionHost> => {
    const host = await fixture.host({ runtime, channels, answerCard: asked.answer, times: { tickMs: 20 } });
    return { ...host, receive: (message) => fixture.channel.hand(message, host.receive) };
  };
  return {
    ...fixture,
    commands,
    host2: open,
    running: await open(),
    cards: () =>
      fixture.channel.sent.flatMap(({ platformId, card }) =>
        card === undefined
          ? []
          : [{ to: platformId, id: card.id, lines: [card.title, ...card.lines], options: card.options }],
      ),
    click: async (userId, cardId, option) => {
      const rows = db.selectFrom("pending_approvals").selectAll().where("approval_id", "=", cardId);
      const { digest: seen } = await cardOf(db, await rows.executeTakeFirstOrThrow());
      await asked.answer({ ...fromAna(randomUUID(), option, { userId }), answer: { cardId, option, seen } });
    },
  };
};

/** A message of Eve in the group chat, in which she is a stranger. */
export const eve = (id: string, text: string, over: Partial<FromPerson> = {}): FromPerson =>
  fromAna(id, text, {
    channelType: "telegram",
    platformId: "room",
    userId: "telegram:7",
    userName: "Eve",
    isDirect: false,
    ...over,
  });

/** The first card that was shown. */
export const firstCard = (fixture: AskingFixture): Promise<ReturnType<AskingFixture["cards"]>[number]> =>
  until(() => fixture.cards().at(0) ?? expect.fail("no card yet"));

/** The reasons why messages were dropped, in their order. */
export const reasons = (fixture: AskingFixture): readonly unknown[] =>
  fixture.happened("message-dropped").map(({ reason }) => reason);

/** The messages that wait for a person's answer, in their order. */
export const waiting = ({ channel: { inbox } }: AskingFixture): readonly string[] =>
  [...inbox].flatMap(([id, { waitsFor }]) => (waitsFor === null ? [] : [id]));

/** The messages that the agent of the only session receives. */
export const givenTo = async (fixture: AskingFixture): Promise<readonly unknown[]> => {
  const agent = fixture.agent((await fixture.session()).id);
  return until(() => given(agent));
};
