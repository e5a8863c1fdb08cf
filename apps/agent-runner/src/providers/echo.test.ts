import { fail, ok } from "@gatehouse/std";
import type { ReceivedInbound } from "@gatehouse/session-rows/messages";
import { describe, expect, test } from "vitest";
import { chatMessage } from "../agent-side.fixture.ts";
import { hostToolsOf } from "../host-tools/host-tools.ts";
import { attachmentsOf } from "../prompt/prompt-text.ts";
import { turnTools } from "../provider.fixture.ts";
import type { Answer } from "../provider.ts";
import { echo } from "./echo.ts";

/** The answers to messages; `asked` gets the commands of `ncl`. */
const answersTo = async (
  messages: readonly ReceivedInbound[],
  asked: (readonly string[])[] = [],
): Promise<readonly Answer[]> => {
  const tools = turnTools(undefined, {
    attachmentsOf: (message) => attachmentsOf(message, "/in"),
    hostTools: hostToolsOf({
      groupId: "ag-1",
      send: ({ text }, occurrence) =>
        Promise.resolve(text === "" ? fail("There is no text.") : ok([`${text} ${occurrence}`])),
      ncl: () => Promise.reject(new Error("no host")),
    }),
    askTool: ({ tool, input, question }) =>
      Promise.resolve(
        question !== undefined
          ? { behavior: "answer", answers: ["Red", "none"] }
          : tool === "Bash"
            ? { behavior: "allow" }
            : { behavior: "deny", message: `no ${JSON.stringify(input)}` },
      ),
    ncl: (argv) => {
      asked.push(argv);
      return Promise.resolve({ id: "1", ok: true, data: [{ id: "ag-1", name: "Ana" }] });
    },
  });
  const turn = await echo().turn({ messages, notes: [], batch: "b" }, tools);
  if (!turn.ok) throw new Error(turn.error.message);
  return turn.value.answers;
};

describe("echo", () => {
  test("answers each message of a batch with its text and id, and ignores context", async () => {
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

  test("sends a text at once, and answers with the tool's result", async () =>
    expect(await answersTo([chatMessage("m-1", "/send hello")])).toEqual([
      { text: "Sent to this chat.\nhello 0", inReplyTo: "m-1" },
    ]));

  test("sends to a destination by name", async () =>
    expect(await answersTo([chatMessage("m-1", "/to team all  of you")])).toEqual([
      { text: "all  of you", to: "team", inReplyTo: "m-1" },
    ]));

  test.each(["/nclx groups list", "say /fail", "/", "", "/constructor x", "/slow"])(
    "treats %j as a text or a harmless command",
    async (text) => expect((await answersTo([chatMessage("m-1", text)]))[0]?.text.trim()).toBe(text),
  );

  test("throws for /throw", () =>
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

  test("asks a question with /ask, and answers with the answers", async () => {
    expect(await answersTo([chatMessage("m-1", '/ask {"type":"plan","plan":"x"}')])).toEqual([
      { text: "Red and none", inReplyTo: "m-1" },
    ]);
  });
});
