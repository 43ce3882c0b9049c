#!/bin/sh
# websocketd behind conf/lighttpd.conf: one mesher-ws for each connection.
set -eu
: "${MESHER_CONF:=/etc/mesher.conf}"
export MESHER_CONF
# --address   without it websocketd listens on all interfaces
# --port      var.websocketd_port in lighttpd.conf; clients connect to var.ws_listen
# --closems   how long a handler may take to finish the messages that it has read
# --loglevel  other levels log the query of a request, which may contain a key
# --passenv   handlers get only these variables
exec websocketd --address=127.0.0.1 --port="${PORT:-8082}" --closems=5000 --loglevel=fatal \
    --passenv=PATH,MESHER_CONF "${MESHER_WS:-/usr/local/libexec/mesher/mesher-ws}"
