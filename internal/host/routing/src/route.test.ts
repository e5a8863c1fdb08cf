import { describe, expect, test } from "vitest";
import { route, type RoutedChat, type RoutedPerson, type RoutedWiring } from "./route.ts";

const wiring: RoutedWiring = {
  id: "wi-1",
  groupId: "ag-1",
  engageMode: "pattern",
  engagePattern: ".",
  senderScope: "all",
  ignoredMessagePolicy: "drop",
  sessionMode: "shared",
  priority: 0,
  isEngaged: false,
};
const chat: RoutedChat = { isGroup: true, unknownSenderPolicy: "strict" };
const owner: RoutedPerson = { isRefused: false, refusedBy: new Set(), knownIn: "all" };
const stranger: RoutedPerson = { isRefused: false, refusedBy: new Set(), knownIn: new Set() };
const member: RoutedPerson = { isRefused: false, refusedBy: new Set(), knownIn: new Set(["ag-1"]) };
const line = { text: "what time is it", isMention: false, isDirect: false };
const mention = { ...line, isMention: true };
const direct = { ...line, isDirect: true };

type Row = {
  readonly title: string;
  readonly message?: typeof line;
  readonly wiring?: Partial<RoutedWiring>;
  readonly chat?: Partial<RoutedChat>;
  readonly person?: RoutedPerson;
  readonly says: string;
};

const said = (row: Row): string => {
  const wirings = [{ ...wiring, ...row.wiring }];
  const context = { chat: { ...chat, ...row.chat }, wirings, person: row.person ?? owner };
  const [routed] = route(row.message ?? line, context);
  return `${routed?.act}: ${routed?.reason}`;
};

const sticky = { engageMode: "mention-sticky", isEngaged: true } as const;
const accumulate = { engageMode: "mention", ignoredMessagePolicy: "accumulate" } as const;

describe("engage mode", () => {
  const rows: readonly Row[] = [
    { title: "the pattern . matches every line", says: "engage: pattern-matches" },
    {
      title: "the pattern . matches an empty line",
      message: { ...line, text: "" },
      says: "engage: pattern-matches",
    },
    {
      title: "a text that matches the pattern",
      wiring: { engagePattern: "^what" },
      says: "engage: pattern-matches",
    },
    {
      title: "a text that does not match the pattern",
      wiring: { engagePattern: "^why" },
      says: "drop: pattern-differs",
    },
    {
      title: "a pattern ignores mentions",
      message: mention,
      wiring: { engagePattern: "^why" },
      says: "drop: pattern-differs",
    },
    {
      title: "a wiring with an invalid pattern",
      wiring: { engagePattern: "(" },
      says: "drop: pattern-unreadable",
    },
    {
      title: "a wiring without a pattern",
      wiring: { engagePattern: null },
      says: "drop: pattern-unreadable",
    },
    {
      title: "a wiring with an empty pattern",
      wiring: { engagePattern: "" },
      says: "drop: pattern-unreadable",
    },
    {
      title: "a mention in a mention wiring",
      message: mention,
      wiring: { engageMode: "mention" },
      says: "engage: named",
    },
    {
      title: "a direct message in a mention wiring",
      message: direct,
      wiring: { engageMode: "mention" },
      says: "engage: named",
    },
    {
      title: "a line without a mention in a mention wiring",
      wiring: { engageMode: "mention" },
      says: "drop: not-named",
    },
    {
      title: "a line after an answer in a mention wiring",
      wiring: { ...sticky, engageMode: "mention" },
      says: "drop: not-named",
    },
    { title: "a line after an answer in a sticky wiring", wiring: sticky, says: "engage: engaged-before" },
    {
      title: "a line before any answer in a sticky wiring",
      wiring: { ...sticky, isEngaged: false },
      says: "drop: not-named",
    },
    {
      title: "a mention before any answer in a sticky wiring",
      message: mention,
      wiring: { ...sticky, isEngaged: false },
      says: "engage: named",
    },
    {
      title: "a line after an answer in a sticky wiring of a direct chat",
      wiring: sticky,
      chat: { isGroup: false },
      says: "drop: not-named",
    },
  ];
  test.each(rows)("route returns $says for $title", (row) => expect(said(row)).toBe(row.says));
});

describe('ignored message policy "accumulate"', () => {
  const rows: readonly Row[] = [
    { title: "a line without a mention", wiring: accumulate, says: "keep: not-named" },
    { title: "a mention", message: mention, wiring: accumulate, says: "engage: named" },
    {
      title: "a stranger's line",
      wiring: accumulate,
      person: stranger,
      says: "drop: unknown-sender",
    },
    {
      title: "a refused person's line",
      wiring: accumulate,
      person: { ...member, isRefused: true },
      says: "drop: person-refused",
    },
  ];
  test.each(rows)("route returns $says for $title", (row) => expect(said(row)).toBe(row.says));
});

describe("sender", () => {
  const known = { senderScope: "known" } as const;
  const open = { unknownSenderPolicy: "public" } as const;
  const asking = { unknownSenderPolicy: "request_approval" } as const;
  const rows: readonly Row[] = [
    { title: "an owner", says: "engage: pattern-matches" },
    { title: "a member of the group", person: member, says: "engage: pattern-matches" },
    {
      title: "a member of another group",
      person: { isRefused: false, refusedBy: new Set(), knownIn: new Set(["ag-2"]) },
      says: "drop: unknown-sender",
    },
    { title: "a stranger in a strict chat", person: stranger, says: "drop: unknown-sender" },
    {
      title: "a stranger in a chat with request_approval",
      person: stranger,
      chat: asking,
      says: "ask: unknown-sender",
    },
    {
      title: "a stranger in a chat with request_approval whose message would engage no agent",
      person: stranger,
      chat: asking,
      wiring: { engageMode: "mention" },
      says: "drop: unknown-sender",
    },
    {
      title: "a stranger who was refused in the chat",
      person: { ...stranger, refusedBy: new Set(["ag-1"]) },
      chat: asking,
      says: "drop: person-refused",
    },
    {
      title: "a stranger whom another group of the chat refused",
      person: { ...stranger, refusedBy: new Set(["ag-2"]) },
      chat: asking,
      says: "ask: unknown-sender",
    },
    {
      title: "a person who was refused, and then became a member",
      person: { ...member, refusedBy: new Set(["ag-1"]) },
      chat: asking,
      says: "engage: pattern-matches",
    },
    {
      title: "a stranger in a chat with decline_notify",
      person: stranger,
      chat: { unknownSenderPolicy: "decline_notify" },
      says: "drop: unknown-sender",
    },
    { title: "a stranger in a public chat", person: stranger, chat: open, says: "engage: pattern-matches" },
    {
      title: "a stranger in a public chat, for a wiring with sender scope known",
      person: stranger,
      chat: open,
      wiring: known,
      says: "drop: sender-not-known",
    },
    {
      title: "a member in a public chat, for a wiring with sender scope known",
      person: member,
      chat: open,
      wiring: known,
      says: "engage: pattern-matches",
    },
    {
      title: "a refused person in a public chat",
      person: { ...stranger, isRefused: true },
      chat: open,
      says: "drop: person-refused",
    },
    { title: "a refused owner", person: { ...owner, isRefused: true }, says: "drop: person-refused" },
  ];
  test.each(rows)("route returns $says for $title", (row) => expect(said(row)).toBe(row.says));
});

test("route decides for each agent of a chat, the higher priority first", () => {
  const wirings = [
    { ...wiring, id: "wi-low" },
    { ...wiring, id: "wi-high", groupId: "ag-2", priority: 5 },
    { ...wiring, id: "wi-other", groupId: "ag-3", engagePattern: "^no", priority: 1 },
  ];
  const routed = route(line, { chat, wirings, person: owner });
  expect(routed.map(({ wiring: { id }, act }) => [id, act])).toEqual([
    ["wi-high", "engage"],
    ["wi-other", "drop"],
    ["wi-low", "engage"],
  ]);
});
