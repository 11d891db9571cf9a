/*
 * The driver of the virtual reader lets cards in from every network; before it, this keeps it to the loopback interface.
 * It also writes each command in two pieces (3.3), the second of which would wait 40 ms for the first to be acknowledged.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int bind(int socket, const struct sockaddr *address, socklen_t length) {
    struct sockaddr_in here;
    if (address->sa_family == AF_INET && length == sizeof here) {
        memcpy(&here, address, sizeof here);
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address = (const struct sockaddr *)&here;
        int at_once = 1; /* as are the connections that it accepts */
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    }
    return (int)syscall(SYS_bind, socket, address, length);
}
