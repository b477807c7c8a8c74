import { startPreviews } from "./preview.js";

startPreviews();
