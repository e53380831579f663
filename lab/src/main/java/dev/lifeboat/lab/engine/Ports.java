package dev.lifeboat.lab.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on the loopback address that nobody listens on. */
public final class Ports {

    /** Below the range from which the kernel takes ports for outgoing connections, so nobody takes one by accident. */
    private static final int FIRST = 15_000;

    private static final int LAST = 32_000;

    /** A port that was given away may be bound only later, or not be bound for a while: nobody else gets it meanwhile. */
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    /** Where several processes run tests at once each has ports of its own, by the rest of a division. */
    private static final int PROCESSES = Integer.getInteger("lifeboat.forks", 1);

    private static final int PROCESS = Integer.getInteger("lifeboat.fork", 0) % PROCESSES;

    private Ports() {}

    public static int free() {
        for (int i = 0; i < 200 * PROCESSES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (port % PROCESSES == PROCESS && !GIVEN.contains(port) && isFree(port) && GIVEN.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port found between " + FIRST + " and " + LAST + " on 127.0.0.1");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
