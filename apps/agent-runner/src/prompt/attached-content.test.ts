import { Buffer } from "node:buffer";
import { renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { expect, test } from "vitest";
import { attachedContent } from "./attached-content.ts";

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==",
  "base64",
);

const all = ["image", "document"] as const;

const filesOf = (contents: Readonly<Record<string, Buffer>>) => {
  const folder = tempFolder();
  return Object.entries(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { name, path };
  });
};

const webp = Buffer.concat([Buffer.from("RIFF"), Buffer.alloc(4), Buffer.from("WEBPVP8 ")]);

test.each([
  { what: "a PNG", content: png, type: "image", mediaType: "image/png" },
  {
    what: "a JPEG",
    content: Buffer.from("ffd8ffe000104a464946", "hex"),
    type: "image",
    mediaType: "image/jpeg",
  },
  { what: "a GIF", content: Buffer.from("GIF89a....."), type: "image", mediaType: "image/gif" },
  { what: "a WebP", content: webp, type: "image", mediaType: "image/webp" },
  { what: "a PDF", content: Buffer.from("%PDF-1.7 ..."), type: "document", mediaType: "application/pdf" },
])("reads $what as content by its first bytes, not by its name", async ({ content, type, mediaType }) => {
  const data = content.toString("base64");
  expect(await attachedContent(filesOf({ "notes.txt": content }), all)).toEqual([{ type, mediaType, data }]);
});

test.each([
  { what: "a text", content: Buffer.from("hello") },
  { what: "an empty file", content: Buffer.alloc(0) },
  { what: "another RIFF file", content: Buffer.from("RIFF....WAVEfmt ") },
  { what: "an image that the API would refuse", content: Buffer.concat([png, Buffer.alloc(3_700_000)]) },
])("$what stays a file", async ({ content }) => {
  expect(await attachedContent(filesOf({ "picture.png": content }), all)).toEqual([]);
});

test("a file that is gone is left out, and so is one that makes the prompt too large", async () => {
  const large = Buffer.concat([Buffer.from("%PDF-"), Buffer.alloc(9_000_000)]);
  const files = filesOf({ "a.pdf": large, "b.pdf": large, "c.png": png });
  const gone = { name: "gone", path: join(files[0]!.path, "..", "gone") };
  const content = await attachedContent([...files, gone], all);
  expect(content.map(({ type }) => type)).toEqual(["document", "image"]);
});

test("a file of a type that the agent does not take stays a file", async () => {
  const files = filesOf({ "a.pdf": Buffer.from("%PDF-1.7 ..."), "b.png": png });
  expect((await attachedContent(files, ["image"])).map(({ type }) => type)).toEqual(["image"]);
  expect(await attachedContent(files, [])).toEqual([]);
});

test("shows the model no file that a link has replaced", async () => {
  const [sent, other] = filesOf({ "a.png": png, "of another folder.png": png });
  if (sent === undefined || other === undefined) return expect.fail("no files");
  expect(await attachedContent([sent], all)).toHaveLength(1);
  renameSync(sent.path, `${sent.path}.old`);
  symlinkSync(other.path, sent.path);
  expect(await attachedContent([sent], all)).toEqual([]);
});
