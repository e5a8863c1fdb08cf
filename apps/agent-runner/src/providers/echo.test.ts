import type { ReceivedInbound } from "@nc/session-db";
import { describe, expect, test } from "vitest";
import { chatMessage, projection } from "../agent-end.fixture.ts";
import { attachmentsOf } from "../prompt/prompt-text.ts";
import type { Answer, TurnTools } from "../provider.ts";
import { echo } from "./echo.ts";

/** The answers to messages; `asked` gets the commands of `ncl`. */
const answersTo = async (
  messages: readonly ReceivedInbound[],
  asked: (readonly string[])[] = [],
): Promise<readonly Answer[]> => {
  const tools: TurnTools = {
    signal: new AbortController().signal,
    destinations: projection.destinations,
    promptText: ({ messages: all }) => `prompt of ${all.length}`,
    attachmentsOf: (message) => attachmentsOf(message, "/in"),
    onFollowUp: () => {},
    setTool: () => {},
    ncl: (argv) => {
      asked.push(argv);
      return Promise.resolve({ id: "1", ok: true, data: [{ id: "ag-1", name: "Ana" }] });
    },
  };
  const turn = await echo().turn({ messages, notes: [], batch: "b" }, tools);
  if (!turn.ok) throw new Error(turn.error.message);
  return turn.value.answers;
};

describe("echo", () => {
  test("answers each message of a batch with its text and id, and context not at all", async () => {
    const batch = [
      chatMessage("c-1", "psst", { trigger: false }),
      chatMessage("m-1", "hello"),
      chatMessage("w-1", "back", { onWake: true, trigger: false }),
    ];
    expect(await answersTo(batch)).toEqual([
      { text: "hello", inReplyTo: "m-1" },
      { text: "back", inReplyTo: "w-1" },
    ]);
  });

  test.each([
    { text: "/ncl groups list", argv: ["groups", "list"] },
    {
      text: '/ncl groups restart --message "look again"',
      argv: ["groups", "restart", "--message", "look again"],
    },
  ])("runs the command of $text, and answers as ncl prints it", async ({ text, argv }) => {
    const asked: (readonly string[])[] = [];
    const [answer] = await answersTo([chatMessage("m-1", text)], asked);
    expect(asked).toEqual([argv]);
    expect(answer?.text).toBe("id    name\nag-1  Ana");
  });

  test("sends to a destination by name", async () =>
    expect(await answersTo([chatMessage("m-1", "/to team all  of you")])).toEqual([
      { text: "all  of you", to: "team", inReplyTo: "m-1" },
    ]));

  test.each(["/nclx groups list", "say /fail", "/", "", "/constructor x", "/slow"])(
    "takes %j for a text or a command that is harmless",
    async (text) => expect((await answersTo([chatMessage("m-1", text)]))[0]?.text.trim()).toBe(text),
  );

  test("throws what it is told to", () =>
    expect(answersTo([chatMessage("m-1", "/fail at noon")])).rejects.toThrow("at noon"));

  test("sends the files of a message back, or to a destination", async () => {
    const content = {
      attachments: [
        { name: "a.txt", size: 1 },
        { name: "b", problem: "it is too large" },
      ],
    };
    const message = (id: string, text: string) => chatMessage(id, "", { content: { ...content, text } });
    expect(await answersTo([message("m-1", "/files"), message("m-2", "/files bo look at it")])).toEqual([
      { text: "1 file", files: ["/in/m-1/a.txt"], inReplyTo: "m-1" },
      { to: "bo", text: "look at it", files: ["/in/m-2/a.txt"], inReplyTo: "m-2" },
    ]);
  });
});
