import { describeMachine } from "./describe-machine.fixture.ts";
import { makeFakeMac } from "./fake-machine.fixture.ts";

const service = { name: "_gatehouse", uid: 400, gid: 400, home: "/var/empty" };
const person = { name: "ada", uid: 501, gid: 20, home: "/Users/ada" };

describeMachine("a fake Mac", () => {
  const { machine, disk } = makeFakeMac([service, person]);
  disk.put("/data", { kind: "directory", mode: 0o711, uid: 0, gid: 0 });
  const link = (path: string) => disk.put(path, { kind: "link", mode: 0o777, uid: 0, gid: 0 });
  return { machine, folder: "/data", service, person, link, remove: () => {} };
});
