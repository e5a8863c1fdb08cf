import { changeOwnProviders } from "@gatehouse/agent-clis";
import { ownProvider } from "@gatehouse/agent-clis/testing";
import { hostBed, operator, type Bed } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";

const row = ownProvider({ name: "there" });

/** A host whose operator has the providers own:there and own:gone. */
const bedWithRows = async (): Promise<Bed> => {
  const bed = await hostBed();
  await changeOwnProviders(bed.dataDir, () => [row, { ...row, name: "gone" }]);
  return bed;
};

const removeGone = ({ dataDir }: Bed) => changeOwnProviders(dataDir, () => [row]);

const problem =
  'This host has no provider "own:gone". It has own:there. Its operator adds one: gatehouse providers add ROW';

describe("a provider of the operator's own without a row", () => {
  test.for(["groups config update ag-team", "sessions config update se-team"])(
    "is refused by %s, which takes one with a row",
    async (command) => {
      const bed = await bedWithRows();
      await removeGone(bed);
      const ask = (provider: string) => bed.ask(operator, ...command.split(" "), "--provider", provider);
      expect(await ask("own:gone")).toMatchObject({ ok: false, code: "invalid-args", message: problem });
      expect(await ask("own:there")).toMatchObject({ ok: true, warnings: [] });
    },
  );

  test.for([
    { command: "groups config update ag-team --model m", what: "a change of another value" },
    { command: "groups config rollback ag-team --to 2", what: "a rollback to it" },
  ])("is a warning of $what", async ({ command }) => {
    const bed = await bedWithRows();
    const update = ["groups", "config", "update", "ag-team"];
    await bed.ok(operator, ...update, "--provider", "own:gone");
    await bed.ok(operator, ...update, "--pids", "99");
    await removeGone(bed);
    expect(await bed.ask(operator, ...command.split(" "))).toMatchObject({ ok: true, warnings: [problem] });
  });
});
