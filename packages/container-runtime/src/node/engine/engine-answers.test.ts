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
  { what: "an exit", line: death(), died: { id: "c-1", exitCode: 3 } },
  {
    what: "an exit without a code",
    line: death({ Actor: { ID: "c-1", Attributes: {} } }),
    died: { id: "c-1", exitCode: null },
  },
  { what: "a start", line: death({ Action: "start" }), died: null },
  { what: "an event of no container", line: death({ Actor: undefined }), died: null },
  { what: "an empty line", line: "", died: null },
  { what: "an incomplete line", line: death().slice(0, 30), died: null },
])("diedIn reads a line of the engine's events: $what", ({ line, died }) => {
  expect(diedIn(line)).toEqual(died);
});

const frame = (stream: number, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

test.each([
  { what: "no bytes", bytes: Buffer.alloc(0), all: "", stderr: "" },
  {
    what: "both streams",
    bytes: Buffer.concat([frame(1, "out\n"), frame(2, "é")]),
    all: "out\né",
    stderr: "é",
  },
  { what: "an incomplete frame", bytes: frame(2, "whole").subarray(0, 10), all: "wh", stderr: "wh" },
  { what: "an incomplete header", bytes: Buffer.alloc(5), all: "", stderr: "" },
])("outputIn splits a container's output by stream: $what", ({ bytes, all, stderr }) => {
  const output = outputIn(bytes);
  expect([output.all.toString(), output.stderr.toString()]).toEqual([all, stderr]);
});

const record = {
  label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 4, token: 9 },
  placed: "/placed/s-1",
  logFile: "/log",
  user: { uid: 1000, gid: 1001 },
};

test("recordIn reads the record back from the labels", () => {
  expect(recordIn(labelsOf(record))).toEqual(record);
});

test.each(Object.keys(labelsOf(record)))(
  "recordIn returns null for a container without the label %s",
  (name) => {
    const others = Object.entries(labelsOf(record)).filter(([each]) => each !== name);
    expect(recordIn(Object.fromEntries(others))).toBeNull();
  },
);

test.each([
  { limits: "Max open files            1024                 20000                files", files: 20_000 },
  { limits: "Max open files            1024                 1048576              files", files: 65_536 },
  { limits: "Max open files            unlimited            unlimited            files", files: 65_536 },
  { limits: "", files: 1_024 },
])('openFilesOf allows $files open files for the limit "$limits"', ({ limits, files }) => {
  expect(openFilesOf(limits)).toBe(files);
});

test.each([
  { text: '{"message":"no such image"}', message: "no such image" },
  { text: "page not found\n", message: "page not found" },
  { text: '{"cause":1}', message: '{"cause":1}' },
])("messageOf reads the message of an error: $message", ({ text, message }) => {
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
])("the error of a container that $by cannot connect to a bridge names both fixes", ({ says }) => {
  const error = { code: "spawn-failed", message: says } as const;
  expect(networkProblem(error, { network: "open" })).toEqual({
    code: "unsupported",
    message: `The engine has no bridge network for a container with network open. ${says.replace(/[.]$/, "")}. Repair the engine's network, or give the group the network gateway again.`,
  });
  expect(networkProblem(error, { network: "gateway" })).toEqual(error);
});

test.each([
  { code: "spawn-failed", message: "The engine refuses the container (400): invalid mount config" },
  { code: "image-missing", message: "The image does not exist (no such image: networks)." },
] as const)("networkProblem does not change another error: $message", (error) => {
  expect(networkProblem(error, { network: "open" })).toEqual(error);
});
