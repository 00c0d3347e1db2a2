/**
 * What node-cron asks of `Intl.DateTimeFormat` for the host's own time zone, answered by `Date`. `Intl` would bring
 * 8 MiB of locales into memory, for an hour that every Date knows.
 */
export function localTimeFormat() {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const offset = (minutes) => {
    const rest = Math.abs(minutes) % 60;
    const hours = `GMT${minutes < 0 ? '-' : '+'}${Math.trunc(Math.abs(minutes) / 60)}`;
    return rest === 0 ? hours : `${hours}:${String(rest).padStart(2, '0')}`;
  };
  return {
    formatToParts(date) {
      const parts = {
        year: date.getFullYear(),
        month: date.getMonth() + 1,
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
        weekday: days[date.getDay()],
        timeZoneName: offset(-date.getTimezoneOffset()),
      };
      return Object.entries(parts).map(([type, value]) => ({ type, value: String(value) }));
    },
  };
}
