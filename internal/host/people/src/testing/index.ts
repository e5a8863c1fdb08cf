export { usersYaml } from "../users.fixture.ts";
