// What every page does: menus, tips, news from the server, links that change only what they change.
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startPlan } from "./plan.js";
import { startPng } from "./png.js";
import { startPosts } from "./post.js";
import { startBrush } from "./brush.js";
import { startScreens } from "./screens.js";
import { startSoftLinks } from "./parts.js";
import { startTips } from "./tips.js";

startMenus();
startTips();
startSoftLinks();
startPlan();
startBrush();
startPng();
startPosts();
startScreens();
startLive(document.body.dataset.live);
