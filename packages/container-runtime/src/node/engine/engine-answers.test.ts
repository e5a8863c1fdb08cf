import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { outputIn } from "./engine-calls.ts";
import { messageOf } from "./engine-client.ts";
import { diedIn } from "./engine-events.ts";
import { labelsOf, recordIn } from "./engine-labels.ts";
import { networkProblem } from "./start-container.ts";
import { openFilesOf } from "./create-body.ts";

const death = (over: object = {}) =>
  JSON.stringify({ Action: "die", Actor: { ID: "c-1", Attributes: { exitCode: "3", image: "x" } }, ...over });

test.each([
  { what: "a death", line: death(), died: { id: "c-1", exitCode: 3 } },
  {
    what: "a death without a code",
    line: death({ Actor: { ID: "c-1", Attributes: {} } }),
    died: { id: "c-1", exitCode: null },
  },
  { what: "a start", line: death({ Action: "start" }), died: null },
  { what: "an event of no container", line: death({ Actor: undefined }), died: null },
  { what: "an empty line", line: "", died: null },
  { what: "a part of a line, where the stream broke off", line: death().slice(0, 30), died: null },
])("a line of the engine's events: $what", ({ line, died }) => {
  expect(diedIn(line)).toEqual(died);
});

const frame = (stream: number, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

test.each([
  { what: "nothing", bytes: Buffer.alloc(0), all: "", stderr: "" },
  {
    what: "both streams",
    bytes: Buffer.concat([frame(1, "out\n"), frame(2, "é")]),
    all: "out\né",
    stderr: "é",
  },
  { what: "a frame that is cut", bytes: frame(2, "whole").subarray(0, 10), all: "wh", stderr: "wh" },
  { what: "a head that is cut", bytes: Buffer.alloc(5), all: "", stderr: "" },
])("output of a container: $what", ({ bytes, all, stderr }) => {
  const output = outputIn(bytes);
  expect([output.all.toString(), output.stderr.toString()]).toEqual([all, stderr]);
});

const record = {
  label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 4, token: 9 },
  ...{ placed: "/placed/s-1", logFile: "/log", user: { uid: 1000, gid: 1001 } },
};

test("the labels of a container name its session again", () => {
  expect(recordIn(labelsOf(record))).toEqual(record);
});

test.each(Object.keys(labelsOf(record)))("a container without the label %s is not adopted", (name) => {
  const others = Object.entries(labelsOf(record)).filter(([each]) => each !== name);
  expect(recordIn(Object.fromEntries(others))).toBeNull();
});

test.each([
  { limits: "Max open files            1024                 20000                files", files: 20_000 },
  { limits: "Max open files            1024                 1048576              files", files: 65_536 },
  { limits: "Max open files            unlimited            unlimited            files", files: 65_536 },
  { limits: "", files: 1_024 },
])("open files of a container: $files", ({ limits, files }) => {
  expect(openFilesOf(limits)).toBe(files);
});

test.each([
  { text: '{"message":"no such image"}', message: "no such image" },
  { text: "page not found\n", message: "page not found" },
  { text: '{"cause":1}', message: '{"cause":1}' },
])("the sentence of an error: $message", ({ text, message }) => {
  expect(messageOf(Buffer.from(text))).toBe(message);
});

test.each([
  { says: "The engine refuses the container (404): network bridge not found", by: "Docker" },
  { says: "The engine refuses the container (500): netavark: iptables: No such file", by: "Podman" },
  {
    says: "The engine refuses the container (500): failed to find plugin in CNI path.",
    by: "Podman with CNI",
  },
  { says: "The engine refuses the container (500): could not find slirp4netns", by: "Podman without root" },
])("a container with network open that $by cannot connect: the sentence names both ways out", ({ says }) => {
  const error = { code: "spawn-failed", message: says } as const;
  expect(networkProblem(error, { network: "open" })).toEqual({
    code: "unsupported",
    message: `The engine has no bridge network for a container with network open. ${says.replace(/[.]$/, "")}. Repair the engine's network, or give the group the network gateway again.`,
  });
  expect(networkProblem(error, { network: "gateway" })).toEqual(error);
});

test.each([
  { code: "spawn-failed", message: "The engine refuses the container (400): invalid mount config" },
  { code: "image-missing", message: "The image is not there (no such image: networks)." },
] as const)("a container with network open that is refused for another reason: $message", (error) => {
  expect(networkProblem(error, { network: "open" })).toEqual(error);
});
