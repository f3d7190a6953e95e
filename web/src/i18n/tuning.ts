export const zh = {
  storm: "告警风暴",
  all: "全部信号源",
  title: "规则调优",
  none: "最近一天没有触发过于频繁的规则。",
  numbers: "最忙一小时告警 {hour} 次，一天 {all} 次（含恢复后再次触发）；发现 {findings} 次；误报率 {share}",
  advice: {
    longer_dwell: "建议：停留时间延长到 {value} 秒",
    higher_threshold: "建议：阈值提高到 {value}",
    verify_first: "建议：改为先研判后派遣",
    mute: "建议：静默 {value} 秒并检修设备",
  },
};

export const en: typeof zh = {
  storm: "Storm",
  all: "all sources",
  title: "Tuning of rules",
  none: "No rule fired too often in the last day.",
  numbers: "{hour} alerts in the worst hour, {all} in the day, those that came back too; {findings} findings; {share} false",
  advice: {
    longer_dwell: "Proposed: a dwell of {value} s",
    higher_threshold: "Proposed: a threshold of {value}",
    verify_first: "Proposed: verify before dispatch",
    mute: "Proposed: mute for {value} s and look after the device",
  },
};
