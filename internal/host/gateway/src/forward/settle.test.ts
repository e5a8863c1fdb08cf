import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Answering, hello, type GatewayFixture } from "../gateway.fixture.ts";
import { defaultUpstreams } from "../rules/vendors.ts";
import { counted, days, priced, rows } from "../usage/counted.fixture.ts";

const eventText = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

/** Text of so many tokens, by the rate at which a cut answer counts. */
const textOf = (tokens: number): string => "abc".repeat(tokens);

const anthropicStart = {
  type: "message_start",
  message: { usage: { input_tokens: 100, cache_read_input_tokens: 5, output_tokens: 1 } },
};
const anthropicText = (text: string) => ({
  type: "content_block_delta",
  delta: { type: "text_delta", text },
});
const anthropicEnd = (output_tokens: number) => ({ type: "message_delta", usage: { output_tokens } });
const openaiText = (delta: string) => ({ type: "response.output_text.delta", delta });
const openaiEnd = { type: "response.completed", response: { usage: { input_tokens: 70, output_tokens: 9 } } };

/** A piece of Google's: each has the counts so far, and the last one a reason. */
const googlePiece = (part: object, counts: object, finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: "model", parts: [part] }, finishReason }],
  usageMetadata: { promptTokenCount: 70, totalTokenCount: 0, ...counts },
});

/** A stream of these events. It stays open, ends, or is cut by the vendor. */
const streaming =
  (events: readonly object[], then: "open" | "end" | "cut"): Answering =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(events.map(eventText).join(""), () => {
      if (then === "end") response.end();
      if (then === "cut") response.destroy();
    });
  };

const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, headers).end("{}");

/** The agent reads until this text has come, and leaves. */
const leaveAfter = async (response: IncomingMessage, text: string): Promise<void> => {
  let seen = "";
  for await (const part of response.setEncoding("utf8")) {
    seen += String(part);
    if (seen.includes(text)) break;
  }
  response.destroy();
};

type Row = {
  readonly what: string;
  readonly answering: Answering;
  /** The agent leaves once it has read this; absent: it reads to the end. */
  readonly leavesAfter?: string;
  readonly body?: object;
  readonly path?: string;
  readonly sum: { readonly requests: number; readonly tokens: number } | null;
};

const openai = { path: "/v1/responses", body: { model: "gpt-5.5", input: [] } };
const google = {
  path: "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
  body: { contents: [] },
};
/** The estimate of the input of `hello` and of the two requests above. */
const [helloInput, openaiInput, googleInput] = [15, 8, 4];

const ended: readonly Row[] = [
  {
    what: "whole",
    answering: streaming([anthropicStart, anthropicText("hi"), anthropicEnd(9)], "end"),
    sum: { requests: 1, tokens: 114 },
  },
  {
    what: "whole with fewer tokens than its text has by the rate",
    answering: streaming([anthropicStart, anthropicText(textOf(50)), anthropicEnd(9)], "end"),
    sum: { requests: 1, tokens: 114 },
  },
  ...[400, 404, 413, 429, 500, 503, 529].map((status) => ({
    what: `a ${status} of the vendor`,
    answering: answer(status),
    sum: { requests: 1, tokens: 0 },
  })),
  {
    what: "a redirect",
    answering: answer(302, { location: "http://127.0.0.1" }),
    sum: { requests: 1, tokens: 0 },
  },
  {
    what: "a connection that the vendor drops",
    answering: (_, response) => void response.destroy(),
    sum: { requests: 1, tokens: 0 },
  },
  {
    what: "an answer that is cut by the vendor",
    answering: streaming([anthropicStart, anthropicText(textOf(40))], "cut"),
    sum: { requests: 1, tokens: 145 },
  },
  {
    what: "an answer that is cut by the agent",
    answering: streaming([anthropicStart, anthropicText(textOf(500))], "open"),
    leavesAfter: textOf(500),
    sum: { requests: 1, tokens: 605 },
  },
  {
    what: "many short pieces that are cut by the agent",
    answering: streaming(
      [anthropicStart, ...Array.from({ length: 300 }, () => anthropicText("a")), anthropicText("!")],
      "open",
    ),
    leavesAfter: "!",
    sum: { requests: 1, tokens: 105 + 301 },
  },
  {
    what: "the input of a tool and a thought that are cut by the agent",
    answering: streaming(
      [
        anthropicStart,
        { type: "content_block_delta", delta: { type: "thinking_delta", thinking: textOf(20) } },
        { type: "content_block_delta", delta: { type: "input_json_delta", partial_json: textOf(30) } },
        anthropicText("end"),
      ],
      "open",
    ),
    leavesAfter: "end",
    sum: { requests: 1, tokens: 105 + 51 },
  },
  {
    what: "a hidden thought that is cut by the agent",
    answering: streaming(
      [
        anthropicStart,
        { type: "content_block_delta", delta: { type: "signature_delta", signature: "A".repeat(4_000) } },
        anthropicText("end"),
      ],
      "open",
    ),
    leavesAfter: "end",
    sum: { requests: 1, tokens: 105 + 1_001 },
  },
  {
    what: "an answer that the agent leaves after its last numbers",
    answering: streaming([anthropicStart, anthropicText(textOf(500)), anthropicEnd(9)], "open"),
    leavesAfter: '"message_delta"',
    sum: { requests: 1, tokens: 114 },
  },
  {
    what: "an answer without a word that the agent leaves",
    answering: streaming([anthropicStart], "open"),
    leavesAfter: "message_start",
    sum: { requests: 1, tokens: 106 },
  },
  {
    what: "an error in the middle of a stream",
    answering: streaming([anthropicStart, anthropicText(textOf(40)), { type: "error" }], "end"),
    sum: { requests: 1, tokens: 145 },
  },
  {
    what: "OpenAI's whole answer",
    ...openai,
    answering: streaming([openaiText("hi"), openaiEnd], "end"),
    sum: { requests: 1, tokens: 79 },
  },
  {
    what: "OpenAI's answer that the agent leaves",
    ...openai,
    answering: streaming([openaiText(textOf(500))], "open"),
    leavesAfter: textOf(500),
    sum: { requests: 1, tokens: openaiInput + 500 },
  },
  {
    what: "OpenAI's hidden thought that the agent leaves",
    ...openai,
    answering: streaming(
      [
        {
          type: "response.output_item.done",
          item: { type: "reasoning", encrypted_content: "A".repeat(4_000) },
        },
      ],
      "open",
    ),
    leavesAfter: "AAA",
    sum: { requests: 1, tokens: openaiInput + 1_000 },
  },
  {
    what: "Google's whole answer, with its thoughts",
    ...google,
    answering: streaming(
      [
        googlePiece({ text: "h" }, { thoughtsTokenCount: 30 }),
        googlePiece({ text: "i" }, { candidatesTokenCount: 2, thoughtsTokenCount: 30 }, "STOP"),
      ],
      "end",
    ),
    sum: { requests: 1, tokens: 70 + 32 },
  },
  {
    what: "Google's answer as one list",
    path: google.path.replace("?alt=sse", ""),
    body: google.body,
    answering: (_, response) =>
      void response
        .writeHead(200, { "content-type": "application/json" })
        .end(
          JSON.stringify([
            googlePiece({ text: "h" }, {}),
            googlePiece({ text: "i" }, { candidatesTokenCount: 2 }, "STOP"),
          ]),
        ),
    sum: { requests: 1, tokens: 72 },
  },
  {
    what: "Google's answer that the agent leaves",
    ...google,
    answering: streaming([googlePiece({ text: textOf(500) }, { candidatesTokenCount: 3 })], "open"),
    leavesAfter: textOf(500),
    sum: { requests: 1, tokens: 70 + 500 },
  },
  {
    what: "Google's thoughts and call of a tool that are cut by the vendor",
    ...google,
    answering: streaming(
      [
        googlePiece({ text: textOf(20), thought: true }, {}),
        googlePiece({ functionCall: { name: "a" }, thoughtSignature: "A".repeat(400) }, {}),
      ],
      "cut",
    ),
    // The signature has 300 bytes, more than the shown thought. The call has 29.
    sum: { requests: 1, tokens: 70 + Math.ceil((300 + 29) / 3) },
  },
  {
    what: "Google's answer without numbers that the agent leaves",
    ...google,
    answering: streaming([{ candidates: [{ content: { parts: [{ text: textOf(50) }] } }] }], "open"),
    leavesAfter: textOf(50),
    sum: { requests: 1, tokens: googleInput + 50 },
  },
  {
    what: "a document that is cut by the vendor",
    answering: (_, response) =>
      void response
        .writeHead(200, { "content-type": "application/json" })
        .write("x".repeat(300), () => response.destroy()),
    sum: { requests: 1, tokens: helloInput + 100 },
  },
  {
    what: "an answer without numbers",
    answering: (_, response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end("x".repeat(300)),
    sum: { requests: 1, tokens: helloInput + 100 },
  },
  {
    what: "an answer that is packed",
    answering: answer(200, { "content-encoding": "gzip" }),
    sum: { requests: 1, tokens: helloInput + 100 },
  },
];

const one = async (fixture: GatewayFixture, { path, body, leavesAfter }: Partial<Row>): Promise<void> => {
  const asked = { ...(path === undefined ? {} : { path }), body: body ?? hello };
  if (leavesAfter === undefined) return void (await fixture.ask(asked).catch(() => null));
  await leaveAfter(await fixture.open(asked), leavesAfter);
};

describe("a request counts by how it ends:", () => {
  test.for(ended)("$what", async ({ answering, sum, ...row }) => {
    const fixture = await counted({}, answering);
    await one(fixture, row);
    await expect.poll(() => days(fixture)).toMatchObject(sum === null ? [] : [sum]);
  });

  test("an agent that leaves before the answer, by its estimated input", async () => {
    let isHere = false;
    const fixture = await counted({}, () => void (isHere = true));
    const sent = request({
      socketPath: fixture.path,
      path: "/v1/messages",
      method: "POST",
      headers: { authorization: `Bearer ${fixture.token}`, "anthropic-version": "2023-06-01" },
    }).on("error", () => {});
    sent.end(JSON.stringify(hello));
    await expect.poll(() => isHere).toBe(true);
    sent.destroy();
    await expect.poll(() => days(fixture)).toMatchObject([{ requests: 1, tokens: helloInput }]);
  });
});

/** A port on which nothing listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** A server that speaks no TLS. */
const plainPort = async (): Promise<number> => {
  const server = createServer((socket) => void socket.on("error", () => {}).end("no\n")).listen(
    0,
    "127.0.0.1",
  );
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
};

describe("an outage uses up nothing:", () => {
  test.for([
    { what: "a refused connection", url: async () => `http://127.0.0.1:${await closedPort()}` },
    { what: "a refused connection by TLS", url: async () => `https://127.0.0.1:${await closedPort()}` },
    { what: "an unknown name", url: async () => "https://no-such-host.invalid" },
    { what: "a failed handshake of TLS", url: async () => `https://127.0.0.1:${await plainPort()}` },
  ])("$what", async ({ url }) => {
    const upstream = new URL(await url());
    const fixture = await counted({ max_requests_per_day: 2, max_tokens_per_day: 200 }, undefined, {
      upstreams: () => ({ ...defaultUpstreams, anthropic: upstream, openai: upstream }),
    });
    await priced(fixture);
    for (let count = 0; count < 4; count += 1) expect(await fixture.ask()).toMatchObject({ status: 502 });
    expect(await days(fixture)).toMatchObject([{ requests: 0, tokens: 0, cost: 0 }]);
    expect(await rows(fixture)).toEqual([]);
  });
});

/** One of 15 ways for a request to go, with the tokens that the vendor then has sent. */
type Way = {
  readonly events: readonly object[];
  readonly then: "open" | "end" | "cut";
  readonly status: number;
};

const wayOf = (
  lot: number,
  size: number,
): Way & { readonly tokens: number; readonly leavesAfter?: string } => {
  const said = [anthropicStart, anthropicText(textOf(size))];
  const ways = [
    ...Array.from({ length: 10 }, () => ({
      events: [...said, anthropicEnd(size)],
      then: "end" as const,
      status: 200,
      tokens: 105 + size,
    })),
    { events: said, then: "cut" as const, status: 200, tokens: 105 + size },
    {
      events: [...said, anthropicText("!")],
      then: "open" as const,
      status: 200,
      tokens: 105 + size + 1,
      leavesAfter: "!",
    },
    { events: [], then: "end" as const, status: 529, tokens: 0 },
    { events: [], then: "cut" as const, status: 0, tokens: 0 },
    { events: [], then: "end" as const, status: 400, tokens: 0 },
  ];
  return ways[lot % ways.length] ?? ways[0]!;
};

/** Asks so many times, ten at once, and compares the day with what the vendor has sent. */
const compareDay = async (lots: readonly (readonly [number, number])[]): Promise<void> => {
  const waysHere = lots.map(([lot, size]) => wayOf(lot, size));
  const fixture = await counted({}, ({ body }, response: ServerResponse) => {
    const { metadata } = JSON.parse(body) as { readonly metadata: { readonly user_id: string } };
    const { events, then, status } = waysHere[Number(metadata.user_id)] ?? waysHere[0]!;
    if (status === 0) return void response.destroy();
    if (status !== 200) return void response.writeHead(status).end("{}");
    return streaming(events, then)({ method: "", url: "", headers: {}, body }, response);
  });
  const tokens = waysHere.reduce((sum, way) => sum + way.tokens, 0);
  const numbers = waysHere.map((_, at) => at);
  const work = async (): Promise<void> => {
    for (let at = numbers.shift(); at !== undefined; at = numbers.shift()) {
      const leavesAfter = waysHere[at]?.leavesAfter;
      const body = { ...hello, stream: true, metadata: { user_id: String(at) } };
      await one(fixture, { body, ...(leavesAfter === undefined ? {} : { leavesAfter }) });
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  await expect.poll(() => days(fixture)).toMatchObject([{ requests: lots.length, tokens }]);
};

test("60 requests, a third of them cut, refused or dropped, count to the token", { tags: ["slow"] }, () =>
  compareDay(Array.from({ length: 60 }, (_, at) => [at, (at * 37) % 400] as const)),
);

test(
  "1,000 drawn requests, a third of them cut, refused or dropped, count to the token",
  { tags: ["soak"] },
  async () => {
    const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 2 ** 31);
    console.error(`GATEHOUSE_SEED=${seed}`);
    let state = seed;
    const draw = (most: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
      return (state >> 8) % most;
    };
    await compareDay(Array.from({ length: 1_000 }, () => [draw(15), draw(2_000)] as const));
  },
);
