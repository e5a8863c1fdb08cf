import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeBed } from "@gatehouse/test-kit";
import { emptyMcpConfig, protectedArgs, withEmptyMcpFile } from "./prompted-claude.ts";

test("the command for trust is protected: no -p, no doctor, and no project settings, hooks or tools", () =>
  expect(protectedArgs("/tmp/of/ours/mcp.json")).toEqual([
    ...["--bare", "--strict-mcp-config", "--mcp-config", "/tmp/of/ours/mcp.json"],
    ...["--setting-sources", "user", "--settings", '{"disableAllHooks":true}', "--tools", ""],
  ]));

test("the MCP configuration names no server, and is not a bare {}, which Claude Code refuses", () =>
  expect(JSON.parse(emptyMcpConfig)).toEqual({ mcpServers: {} }));

test.for(["is done", "fails"])(
  "the MCP file is readable only by this account, and is removed when its user %s",
  async (end) => {
    const bed = makeBed();
    const lent: string[] = [];
    const using = withEmptyMcpFile(async (file) => {
      lent.push(file);
      expect(readFileSync(file, "utf8")).toBe('{"mcpServers":{}}\n');
      expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
      if (end === "fails") throw new Error("a bug");
      return "used";
    });
    if (end === "fails") await expect(using).rejects.toThrow("a bug");
    else expect(await using).toEqual({ ok: true, value: "used" });
    expect(lent.map((file) => existsSync(dirname(file)))).toEqual([false]);
    expect(readdirSync(join(bed.root, "tmp"))).toEqual([]);
  },
);
