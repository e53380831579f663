package dev.lifeboat.lab.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** PostgreSQL servers by where they work: a server's working directory is its data directory, also after a rename. */
public final class ServersBelow {

    private ServersBelow() {}

    /** Kills every server whose data directory lies below this folder, and waits until they are gone. */
    public static void end(Path folder) {
        List<ProcessHandle> servers = find(folder);
        servers.forEach(ProcessHandle::destroyForcibly);
        servers.forEach(server -> server.onExit().join());
    }

    public static List<ProcessHandle> find(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        return ProcessHandle.allProcesses()
                .filter(process -> isPostgres(process.pid()) && worksBelow(process.pid(), root))
                .toList();
    }

    private static boolean isPostgres(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                    .startsWith("postgres");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean worksBelow(long pid, Path root) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"))
                    .startsWith(root);
        } catch (IOException e) {
            return false;
        }
    }
}
