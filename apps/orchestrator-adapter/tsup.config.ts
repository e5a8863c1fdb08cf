import { program } from "../../tools/settings/tsup.shared.ts";

export default program;
