#!/bin/bash
# Brings a Request Tracker 5 from nothing to answering on 127.0.0.1, for tests only: SQLite, mail into files.
#
#   up.sh              seed and start; prints the URL on its last line
#   up.sh --seed-only  stop after the database is there
#
# RT_DIR   where all its data live (required)
# RT_PORT  the port; a free one is taken when it is not given
# RT_NAME  what its pages and mails call it (rt.test)
# Leaves token.{admin,syncd,agent1,agent2}, url, pid, mail/ and server.log in RT_DIR. Exit 3: cannot be had on this machine.
set -euo pipefail
: "${RT_DIR:?set RT_DIR to a folder for the data}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8
program=/usr/share/request-tracker5/libexec/rt-server

cannot() { echo "$1" >&2; exit 3; }

install_packages() {
    local wanted=(request-tracker5 rt5-standalone rt5-db-sqlite) missing=()
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || cannot "not a Debian: no dpkg-query or apt-get"
    for package in "${wanted[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || cannot "packages are missing (${missing[*]}) and only root can install them"
    debconf-set-selections <<'ANSWERS'
dbconfig-common dbconfig-common/dbconfig-install boolean false
request-tracker5 request-tracker5/dbconfig-install boolean false
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean false
request-tracker5 request-tracker5/rtname string rt.test
ANSWERS
    local install=(apt-get install -y -q --no-install-recommends "${missing[@]}")
    export DEBIAN_FRONTEND=noninteractive
    "${install[@]}" >"$RT_DIR/apt.log" 2>&1 \
        || { apt-get update -q && "${install[@]}"; } >>"$RT_DIR/apt.log" 2>&1 \
        || cannot "apt-get cannot install ${missing[*]}: see $RT_DIR/apt.log"
}

write_config() {
    mkdir -p "$RT_DIR"/{empty.d,mail,mason,session,var}
    printf '#!/bin/sh\nexec cat >"$(mktemp "%s/mail/XXXXXXXX.eml")"\n' "$RT_DIR" >"$RT_DIR/sendmail"
    chmod +x "$RT_DIR/sendmail"
    cat >"$RT_DIR/RT_SiteConfig.pm" <<CONFIG
Set(\$rtname, '${RT_NAME:-rt.test}');
Set(\$Organization, 'rt.test');
Set(\$CorrespondAddress, 'rt\@rt.test');
Set(\$CommentAddress, 'rt-comment\@rt.test');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, ${1:-8080});
Set(\$Timezone, 'UTC');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$RT_DIR/rt.sqlite');
Set(\$MailCommand, 'sendmailpipe');
Set(\$SendmailPath, '$RT_DIR/sendmail');
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$MinimumPasswordLength, 5);
Set(\$BcryptCost, 4);
Set(\$WebSecureCookies, 0);
\$RT::VarPath = '$RT_DIR/var';
\$RT::MasonDataDir = '$RT_DIR/mason';
\$RT::MasonSessionDir = '$RT_DIR/session';
1;
CONFIG
    export RT_SITE_CONFIG=$RT_DIR/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$RT_DIR/empty.d
}

seed() {
    [[ ! -e $RT_DIR/seeded ]] || return 0
    rm -f "$RT_DIR"/rt.sqlite*
    local setup=(rt-setup-database-5 --skip-create) log=$RT_DIR/seed.log
    echo rootpass >"$RT_DIR/root.password"
    "${setup[@]}" --action init --root-password-file "$RT_DIR/root.password" >"$log" 2>&1 \
        && "${setup[@]}" --action insert --datafile "$here/seed.initialdata" >>"$log" 2>&1 \
        && perl "$here/mktoken.pl" "$RT_DIR" root=admin syncd=syncd agent1=agent1 agent2=agent2 >>"$log" 2>&1 \
        || { tail -n 20 "$log" >&2; exit 1; }
    touch "$RT_DIR/seeded"
}

free_port() { perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'; }

running() { [[ -s $RT_DIR/pid && -s $RT_DIR/url ]] && kill -0 "$(<"$RT_DIR/pid")" 2>/dev/null; }

wait_until_it_answers() {
    local url=$1
    for _ in {1..240}; do
        if curl -sf -o /dev/null -H "Authorization: token $(<"$RT_DIR/token.syncd")" "$url/REST/2.0/rt"; then return 0; fi
        running || break
        sleep 0.125
    done
    echo "no answer from $url" >&2
    tail -n 20 "$RT_DIR/server.log" >&2
    exit 1
}

mkdir -p "$RT_DIR"
exec 9>"$RT_DIR/lock"
flock 9
if ! running; then
    install_packages
    port=${RT_PORT:-$(free_port)}
    write_config "$port"
    seed
    [[ ${1:-} != --seed-only ]] || exit 0
    echo "http://127.0.0.1:$port" >"$RT_DIR/url"
    setsid "$program" --host 127.0.0.1 --port "$port" --max-workers 4 >"$RT_DIR/server.log" 2>&1 </dev/null 9>&- &
    echo $! >"$RT_DIR/pid"
fi
wait_until_it_answers "$(<"$RT_DIR/url")"
cat "$RT_DIR/url"
