package dev.lifeboat.lab.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a server of the lab keeps its files, and how they come into being.
 *
 * @param root            holds everything but the sockets; owned by the server's user
 * @param configFile      null when it is in the data directory
 * @param socketDirectory short enough for a socket's address
 */
record PostgresLayout(
        Path root, String cluster, String database, String user, @Nullable Path configFile, Path socketDirectory) {

    static PostgresLayout create(Path folder, String cluster, String database, boolean debianLayout, String password) {
        String current = System.getProperty("user.name");
        String user = current.equals("root") ? "postgres" : current;
        Path wanted = folder.toAbsolutePath().normalize().resolve("postgres");
        Path root = Folders.owned(wanted, user, "rwxr-xr-x");
        if (!isReachable(root, user)) {
            // What 'mktemp -d' makes, for example, is closed to others, and PostgreSQL refuses to run as root.
            Folders.remove(wanted);
            root = Folders.owned(Folders.temporary("lifeboat-lab-postgres-"), user, "rwxr-xr-x");
        }
        Path socket = Folders.owned(Folders.temporary("lbpg"), user, "rwxr-xr-x");
        Folders.owned(root.resolve("log"), user, "rwxr-xr-x");
        Path config = debianLayout
                ? Folders.owned(root.resolve("etc").resolve(cluster), user, "rwxr-xr-x")
                        .resolve("postgresql.conf")
                : null;
        PostgresLayout layout = new PostgresLayout(root, cluster, database, user, config, socket);
        write(layout.passwordFile(), password + "\n", user, "rw-------");
        return layout;
    }

    static String newPassword() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return "lab-" + HexFormat.of().formatHex(random);
    }

    Path dataDirectory() {
        return root.resolve("data").resolve(cluster);
    }

    Path passwordFile() {
        return root.resolve("password");
    }

    Path log() {
        return root.resolve("log").resolve("postgresql.log");
    }

    void initialise(Path bin, int port, List<String> options, Optional<String> settings) {
        Folders.owned(root.resolve("data"), user, "rwxr-xr-x");
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("initdb").toString(),
                "-D",
                dataDirectory().toString(),
                "-U",
                user,
                "--pwfile=" + passwordFile(),
                "--auth-local=peer",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync"));
        command.addAll(options);
        Programs.require(user, command, Map.of(), Duration.ofMinutes(3));
        try {
            configure(port, settings.orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void configure(int port, String settings) throws IOException {
        Path data = dataDirectory();
        Path inData = data.resolve("postgresql.conf");
        Path config = configFile == null ? inData : configFile;
        String places = "";
        if (configFile != null) {
            Path folder = config.resolveSibling("");
            for (String name : List.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf")) {
                Files.move(data.resolve(name), folder.resolve(name));
            }
            places = "data_directory = '%s'\nhba_file = '%s'\nident_file = '%s'\n"
                    .formatted(data, folder.resolve("pg_hba.conf"), folder.resolve("pg_ident.conf"));
        }
        String lines =
                """

                # The lab's own settings.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                fsync = on
                wal_level = replica
                max_wal_senders = 10
                track_commit_timestamp = on
                max_connections = 60
                log_line_prefix = '%%m [%%p] %%u@%%d '
                log_timezone = 'UTC'
                timezone = 'UTC'
                """
                        .formatted(port, socketDirectory);
        Files.writeString(config, lines + places + settings + "\n", StandardOpenOption.APPEND);
    }

    private static void write(Path file, String text, String user, String mode) {
        try {
            Files.writeString(file, "");
            Folders.mode(file, mode);
            Files.writeString(file, text);
            Folders.own(file, user);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isReachable(Path root, String user) {
        return Programs.run(user, List.of("test", "-w", root.toString()), Map.of(), Duration.ofMinutes(1))
                        .exitCode()
                == 0;
    }
}
