package dev.lifeboat.lab;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** {@code lifeboat demo} and {@code lifeboat lab}. */
public final class LabMain {

    static final String ERROR = "lifeboat: error: ";

    private static final int WRONG_USE = 2;
    private static final int INTERRUPTED = 130;

    private static final String USAGE =
            """
            Usage: lifeboat demo [pitr|dumps] [--engine auto|embedded|real]
                   lifeboat lab up [--dir D] [--engine auto|embedded|real]
                   lifeboat lab status|down [--dir D]

            demo    a real PostgreSQL under load, a real disaster, a real recovery, every row compared;
                    takes about a minute and leaves only the report;
                    dumps: dump, damage, restore beside, swap, and a verification whose checks are seen to fail
            up      the same surroundings, left running to play with; writes D/lifeboat.yaml
            status  what runs
            down    ends it and only it, and removes what it kept in D

              --dir D     where the lab keeps everything (default: a folder of this user under the temporary one)
              --engine E  auto: the real Temporal and MinIO where engines/install.sh has put them (default);
                          embedded: stand-ins that need no installation; real: only the real ones
            """;

    private LabMain() {}

    public static void main(String[] typed) {
        // Exiting by hand: engines in this process may have left threads that would keep it alive.
        System.exit(run(Arrays.asList(typed)));
    }

    private static int run(List<String> typed) {
        try {
            if (typed.isEmpty() || typed.contains("--help") || typed.contains("-h")) {
                System.out.print(USAGE);
                return typed.isEmpty() ? WRONG_USE : 0;
            }
            LabArguments arguments = LabArguments.parse(typed);
            return switch (arguments.command()) {
                case "demo" -> new Demo(arguments.engine()).run();
                case "demo dumps" -> new DumpsDemo(arguments.engine()).run();
                case "lab up" -> LabControl.of(arguments.folder()).up(arguments.engine());
                case "lab status" -> LabControl.of(arguments.folder()).status();
                case "lab down" -> LabControl.of(arguments.folder()).down();
                case "lab serve" -> LabControl.of(arguments.folder()).serve(arguments.engine());
                default ->
                    throw new LabArguments.WrongUse("there is no command 'lifeboat " + arguments.command() + "'");
            };
        } catch (LabArguments.WrongUse e) {
            complain(String.valueOf(e.getMessage()), "'lifeboat " + typed.get(0) + " --help' shows what it takes");
            return WRONG_USE;
        } catch (IllegalStateException e) {
            if (isEnding()) {
                return INTERRUPTED;
            }
            complain(String.valueOf(e.getMessage()), "look at the lines above");
            return 1;
        }
    }

    /** After Ctrl-C everything fails that still runs; none of it is worth a word. The signal may be a little late here. */
    private static boolean isEnding() {
        Thread probe = new Thread(() -> {});
        try {
            for (int i = 0; i < 10; i++) {
                Runtime.getRuntime().addShutdownHook(probe);
                Runtime.getRuntime().removeShutdownHook(probe);
                Narrator.pause(50);
            }
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    static void complain(String message, String hint) {
        System.err.println(ERROR + message.strip().replaceAll("\\s*\\R\\s*", "; "));
        System.err.println("lifeboat: hint: " + hint);
    }

    /** Where a lab is when nobody said where. */
    static Path defaultFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"), "lifeboat-lab-" + System.getProperty("user.name"));
    }
}
