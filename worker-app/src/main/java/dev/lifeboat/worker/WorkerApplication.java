package dev.lifeboat.worker;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.LifeboatConfig;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** One worker process: which queues it serves is decided by its roles. */
public final class WorkerApplication {

    private static final int WRONG_USE = 2;

    private WorkerApplication() {}

    public static void main(String[] typed) {
        int exitCode = run(typed);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    /** Returns as soon as the worker serves, with 0; it then goes on until the process is told to end. */
    private static int run(String... typed) {
        try {
            WorkerArguments arguments = WorkerArguments.parse(typed);
            if (arguments.help()) {
                System.out.print(WorkerArguments.USAGE);
                return 0;
            }
            Map<String, String> environment = System.getenv();
            LifeboatConfig config =
                    ConfigReader.read(ConfigReader.locate(arguments.config(), environment, Path.of("")));
            Preflight.check(config, arguments, environment);
            start(config, arguments);
            return 0;
        } catch (ConfigException e) {
            System.err.println("lifeboat: error: " + e.getMessage());
            System.err.println("lifeboat: hint: " + e.hint());
            return WRONG_USE;
        } catch (RuntimeException e) {
            System.err.println("lifeboat: error: the worker cannot start: " + reason(e));
            System.err.println("lifeboat: hint: look at the lines above; LOGGING_LEVEL_ROOT=info shows more");
            return 1;
        }
    }

    private static ConfigurableApplicationContext start(LifeboatConfig config, WorkerArguments arguments) {
        SpringApplication application = new SpringApplication(WorkerBeans.class);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        Integer port = config.worker().healthPort();
        application.setDefaultProperties(Map.of("server.port", port == null ? 0 : port));
        application.addInitializers(context -> {
            GenericApplicationContext beans = (GenericApplicationContext) context;
            beans.registerBean(LifeboatConfig.class, () -> config);
            beans.registerBean(WorkerArguments.class, () -> arguments);
        });
        return application.run();
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return String.valueOf(root.getMessage());
    }
}
