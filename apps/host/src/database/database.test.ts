import process from "node:process";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { newAddress, temporaryFolder } from "@gatehouse/central-database/testing";
import { noOwnServer, ownServer, type OwnServer } from "@gatehouse/postgres/testing";
import { ranCli } from "../ran-cli.fixture.ts";
import { askHost, spawnHost } from "../up/host.fixture.ts";
import { tryRun } from "../up/run.fixture.ts";

const slow = { tags: ["slow"] };

/** Runs `gatehouse` to its end. */
const gatehouse = (args: readonly string[]) => {
  const { status, stdout, stderr } = tryRun(inject("programs").gatehouse, ...args);
  return { status, stdout, stderr };
};

const codeOf = (document: string): string =>
  (JSON.parse(document) as { error?: { code: string } }).error?.code ?? "ok";

const newSchema = async (): Promise<string> => {
  const schema = (await newAddress()) ?? expect.fail("there is no server");
  onTestFinished(schema.drop);
  return schema.address.url;
};

describe("--database", () => {
  test.for(["up", "init --name A --folder a", "import /proc/nowhere", "users doctor", "users add", "doctor"])(
    "gatehouse %s refuses a password in its arguments, and never prints it",
    async (words) => {
      const database = ["--database", "postgresql://ana:geheim@127.0.0.1:1/hosts"];
      const dataDir = temporaryFolder();
      const { code, stdout, stderr } = await ranCli({ dataDir }, ...words.split(" "), ...database, "--json");
      expect([code, codeOf(stdout)]).toEqual([2, "password-in-arguments"]);
      expect(stdout + stderr).not.toContain("geheim");
    },
  );

  test("reports an unreachable server with its address and without its password", async () => {
    const env = { GATEHOUSE_DATABASE: "postgresql://ana:geheim@127.0.0.1:1/hosts" };
    const init = ["init", "--name", "A", "--folder", "a", "--json"];
    const { code, stdout, stderr } = await ranCli({ dataDir: temporaryFolder(), env }, ...init);
    expect([code, codeOf(stdout)]).toEqual([1, "database-unavailable"]);
    expect(stdout).toContain("postgresql://ana@127.0.0.1:1/hosts");
    expect(stdout + stderr).not.toContain("geheim");
  });
});

describe.skipIf(process.env["GATEHOUSE_TEST_POSTGRES"] === undefined)(
  "a host on PostgreSQL (skipped without GATEHOUSE_TEST_POSTGRES)",
  { tags: ["rest"] },
  () => {
    test("starts again after a kill -9, and refuses init while a host runs", slow, async () => {
      const [dataDir, database] = [temporaryFolder(), await newSchema()];
      const place = ["--data", dataDir, "--database", database];
      expect(gatehouse(["init", "--name", "Ana", "--folder", "ana", ...place])).toMatchObject({ status: 0 });
      const first = spawnHost(dataDir, ["--database", database]);
      await first.ready();
      const elsewhere = ["--data", temporaryFolder(), "--database", database];
      const second = gatehouse(["init", "--name", "Bo", "--folder", "bo", ...elsewhere, "--json"]);
      expect({ status: second.status, code: codeOf(second.stdout) }).toEqual({
        status: 1,
        code: "database-in-use",
      });
      expect(second.stdout).toContain(`gatehouse pid ${first.child.pid} on `);
      first.child.kill("SIGKILL");
      await first.ended;
      const next = spawnHost(dataDir, ["--database", database]);
      await next.ready();
      expect(await askHost(next.socket, "groups-list")).toMatchObject({
        data: [{ name: "Ana", folder: "ana" }],
      });
    });

    test("refuses an empty database if the data folder has folders of groups", slow, async () => {
      const [dataDir, database] = [temporaryFolder(), await newSchema()];
      gatehouse(["init", "--name", "Ana", "--folder", "ana", "--data", dataDir]);
      const { status, stdout } = gatehouse([
        ...["up", "--runtime", "process", "--data", dataDir],
        ...["--database", database, "--json"],
      ]);
      expect({ status, code: codeOf(stdout) }).toEqual({ status: 1, code: "database-emptied" });
    });
  },
);

/** Stops all processes of a server until the end of the test: its connections stay open, and nothing answers. */
const stopAnswering = (server: OwnServer): void => {
  const all = (["postmaster", "session", "helper"] as const).flatMap(server.processes);
  onTestFinished(() => all.forEach((pid) => process.kill(pid, "SIGCONT")));
  for (const pid of all) process.kill(pid, "SIGSTOP");
};

describe.skipIf(noOwnServer !== null)(
  `a host and its server (${noOwnServer ?? "our own"})`,
  { tags: ["rest"] },
  () => {
    test("keeps working through restarts of the server, and loses no acknowledged change", slow, async () => {
      const [dataDir, server] = [temporaryFolder(), ownServer()];
      const host = spawnHost(dataDir, ["--database", server.url]);
      await host.ready();
      const made: string[] = [];
      const refused: { readonly name: string; readonly message: string }[] = [];
      let isOver = false;
      const create = async (client: string): Promise<void> => {
        for (let count = 0; !isOver; count += 1) {
          const name = `${client}${count}`;
          const frame = (await askHost(host.socket, "groups-create", { name, folder: name })) as {
            readonly error?: { readonly message: string };
          };
          if (frame.error === undefined) made.push(name);
          else refused.push({ name, message: frame.error.message });
        }
      };
      const clients = ["a", "b", "c"].map(create);
      for (const how of ["fast", "immediate"] as const) {
        const before = made.length;
        await expect.poll(() => made.length).toBeGreaterThan(before + 5);
        server.stop(how);
        server.start();
      }
      const before = made.length;
      await expect.poll(() => made.length).toBeGreaterThan(before + 5);
      isOver = true;
      await Promise.all(clients);
      const { data } = (await askHost(host.socket, "groups-list", { limit: "1000" })) as {
        data: { name: string }[];
      };
      const there = new Set(data.map(({ name }) => name));
      expect(made.filter((name) => !there.has(name))).toEqual([]);
      const unclear = refused.filter(
        ({ message }) => !/Nothing was changed|may have been done or not/.test(message),
      );
      expect(unclear).toEqual([]);
      const untrue = refused.filter(
        ({ name, message }) => message.includes("Nothing was changed") && there.has(name),
      );
      expect(untrue).toEqual([]);
      expect(host.child.exitCode).toBeNull();
    });

    test.for([
      { what: "is down", away: (server: OwnServer) => server.stop("immediate") },
      { what: "answers nothing", away: stopAnswering },
    ])("ends while its server $what", slow, async ({ away }) => {
      const [dataDir, server] = [temporaryFolder(), ownServer()];
      const host = spawnHost(dataDir, ["--database", server.url]);
      await host.ready();
      away(server);
      host.child.kill("SIGTERM");
      expect(await host.ended).toMatchObject({ code: 143, signal: null });
    });
  },
);
