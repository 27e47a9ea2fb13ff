# Part of scripts/elasticsearch: what `--secure` adds, TLS by a certificate authority of the node's own and a password.
# Sourced; uses its `node`, `home`, `jdk`, `as_node` and `fail`.

# Makes ca.crt and node.crt, node.key in the node's configuration.
make_certificates() {
    local config=$node/config
    command -v openssl >/dev/null || fail "openssl is needed to make certificates: install it" 2
    (
        cd "$config"
        umask 077
        exec 2>"$node/logs/certificates.log"
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=newsbeam test authority" -keyout ca.key -out ca.crt \
            -addext keyUsage=critical,keyCertSign,cRLSign
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout node.key -out node.csr
        printf '%s\n' subjectAltName=DNS:localhost,IP:127.0.0.1 extendedKeyUsage=serverAuth \
            keyUsage=digitalSignature,keyEncipherment authorityKeyIdentifier=keyid >extensions
        openssl x509 -req -in node.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out leaf.crt
        # The authority goes with it: its fingerprint can match only a certificate that is sent.
        cat leaf.crt ca.crt >node.crt
        rm -f ca.key ca.srl node.csr leaf.crt extensions
        chmod 644 ca.crt node.crt
    )
}

# Gives the user `elastic` a new password, which is kept in $node/password. As the node's user: it must read its keystore.
make_password() {
    (umask 077 && openssl rand -hex 16 >"$node/password")
    export ES_JAVA_HOME=$jdk ES_PATH_CONF=$node/config
    "${as_node[@]}" "$home/bin/elasticsearch-keystore" create >/dev/null
    tr -d '\n' <"$node/password" | "${as_node[@]}" "$home/bin/elasticsearch-keystore" add -x -f bootstrap.password
}

secure_settings() {
    printf '%s\n' "xpack.security.enabled: true" "xpack.security.http.ssl.enabled: true" \
        "xpack.security.http.ssl.certificate: node.crt" "xpack.security.http.ssl.key: node.key"
}
