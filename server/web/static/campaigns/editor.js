// The campaign's form: it works without this; with it, it says at once what it would do, and takes files.
import { startChecks } from "./check.js";
import { startPreviews } from "./preview.js";
import { startRows } from "./rows.js";
import { startUploads } from "./upload.js";

const form = document.getElementById("campaign");
const checkSoon = startChecks(form);
startRows(form);
startPreviews();
startUploads(form, checkSoon);
