/** Why a word of the phone was refused, and what to do. */
export const zh = {
  taken: "别人已经接单。请撤回这一条。",
  over: "这个任务已经办结或作废。请撤回这一条。",
  note: "没有到现场就办结要写原因。请撤回后补写再发。",
  order: "顺序不对。请撤回后按页面上的按钮重新操作。",
  hands: "这个任务已由别人接手，没有记到您名下。撤回后，填写的内容和照片仍在手机里；要由您去办，请先接手。",
  gone: "任务已不存在。请撤回这一条。",
  photo: "照片不能用。请撤回后重新拍。",
  forbidden: "当前账号不能做这个操作。请联系指挥中心。",
  other: "原因：{detail}。可以再发一次，或撤回。",
};

export const en: typeof zh = {
  taken: "Somebody else has accepted it. Take this back.",
  over: "The task is finished or void. Take this back.",
  note: "Finishing without having been there needs a reason. Take it back, write why, and send again.",
  order: "Not in this order. Take it back and use the buttons of the page.",
  hands: "Somebody else goes there now, and this was not taken down. Take it back: what you wrote and your photos stay on this phone. To go yourself, take the task over first.",
  gone: "The task no longer exists. Take this back.",
  photo: "The photo cannot be used. Take it back and take another one.",
  forbidden: "This account may not do that. Ask the centre.",
  other: "Reason: {detail}. Send it again, or take it back.",
};
