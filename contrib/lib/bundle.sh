# shellcheck shell=bash
# bundle: the files that are copied to a shared host.

# bundle_layout TOP PROGRAM TO: creates the directory TO with PROGRAM as its mesher.cgi.
bundle_layout()
{
    local top=$1 program=$2 to=$3
    mkdir -p "$to/sql"
    cp "$program" "$to/mesher.cgi"
    cp "$top/conf/bundle/htaccess" "$to/.htaccess"
    cp "$top/conf/bundle/index.html" "$top/conf/bundle/mesherctl" "$top/LICENSE" "$to"
    cp "$top/conf/mesher.conf" "$to/mesher.conf.sample"
    cp "$top/doc/shared-host.md" "$to/README.md"
    cp "$top/sql"/*.sql "$to/sql"
    find "$to" -type d -exec chmod 755 {} +
    find "$to" -type f -exec chmod 644 {} +
    chmod 755 "$to/mesher.cgi" "$to/mesherctl"
}
