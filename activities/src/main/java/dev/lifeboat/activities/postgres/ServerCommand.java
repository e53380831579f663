package dev.lifeboat.activities.postgres;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the live server's programs are called, also where its configuration lies outside of the data directory. */
record ServerCommand(LiveContext context) {

    List<String> postgres(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                context.binary("postgres"), "-D", context.dataDirectory().toString()));
        Path config = context.cluster().configFile();
        if (config != null) {
            command.addAll(List.of("-c", "config_file=" + config));
        }
        command.addAll(List.of(arguments));
        return command;
    }

    List<String> pgCtl(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(context.binary("pg_ctl"), "-D", context.dataDirectory().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns while the server still starts; it lives on when this process and its session end. */
    List<String> start(Path log) {
        List<String> command = pgCtl("start", "-W", "-s", "-l", log.toString());
        Path config = context.cluster().configFile();
        if (config != null) {
            // Quoted for the shell that pg_ctl hands it to.
            command.addAll(List.of("-o", "-c config_file='" + config.toString().replace("'", "'\\''") + "'"));
        }
        return command;
    }

    /** A command of the configuration, in a session of its own. */
    static List<String> shell(String line) {
        return List.of("setsid", "--wait", "sh", "-c", line);
    }
}
