"""The 2,000 most frequent first names in the United States in 1990.

They come from the lists "Frequently Occurring Surnames and First Names"
that the United States Census Bureau made from a sample of the census:
a work of the government, and in the public domain. The names of both
lists, of women and of men, are joined, the most frequent first.
"""

FIRST_NAMES = """
james john robert michael mary william david richard charles
joseph thomas patricia christopher linda barbara daniel paul
mark elizabeth donald george jennifer maria kenneth susan steven
edward margaret brian dorothy ronald anthony lisa kevin nancy
karen betty helen jason matthew gary timothy sandra jose larry
jeffrey donna frank carol ruth scott eric stephen andrew sharon
michelle laura sarah kimberly deborah jessica raymond shirley
cynthia angela melissa brenda amy jerry gregory anna joshua
rebecca virginia kathleen dennis pamela martha debra amanda
walter stephanie willie patrick terry carolyn christine peter
janet marie frances catherine harold douglas henry ann joyce
diane alice jean carl julie kelly arthur heather teresa doris
gloria ryan joe evelyn roger juan ashley jack albert cheryl joan
jonathan justin katherine mildred gerald keith samuel judith
rose janice lawrence ralph nicole judy christina nicholas roy
kathy theresa benjamin beverly denise bruce brandon adam tammy
billy fred irene harry jane wayne lori louis steve tracy jeremy
aaron andrea rachel marilyn robin randy leslie kathryn eugene
bobby carlos howard louise sara anne jacqueline wanda russell
shawn bonnie julia victor chris ruby lois tina jamie phyllis
martin norma jesse paula annie diana ernest shannon lee phillip
todd lillian emily peggy crystal carmen craig kim connie gladys
alan rita dawn dale florence francis sean clarence johnny edna
philip tiffany rosa tony earl jimmy antonio cindy luis bryan
danny mike grace leonard stanley nathan wendy curtis manuel
rodney victoria edith norman sherry josephine sylvia allen
sheila thelma ethel lynn elaine ellen marjorie carrie marvin
marion charlotte glenn vincent travis esther jeff jeffery monica
chad emma jacob pauline dana juanita kyle jessie melvin alfred
anita rhonda hazel amber bradley eva ray debbie jesus eddie
herbert april frederick joel clara lucille gail eleanor joanne
danielle valerie edwin erin megan alicia don michele suzanne
bertha darlene jill veronica lauren geraldine ricky troy randall
stacy cathy joann lorraine sally alexander barry jackie regina
beatrice erica dolores bernice audrey bernard mario francisco
yvonne annette june leroy micheal marcus samantha clifford oscar
theodore miguel jay ana renee ida jim vivian alex angel brittany
holly roberta ronnie tom jon melanie calvin jeanette loretta
tommy yolanda laurie katie leon bill derek lloyd stacey alma
kristen sue vanessa beth elsie warren jeanne vicki darrell
jerome carla dean floyd leo rosemary tara alvin courtney eileen
terri wesley gordon greg jorge tim corey derrick dustin gertrude
lucy pedro dan tonya ella lewis gina kristin maurice wilma
zachary agnes clyde natalie roberto vera vernon charlene herman
bessie charlie delores shane arlene glen hector melinda pearl
sam ricardo allison colleen gene lester maureen tamara constance
georgia johnnie joy rick tyler brent claudia lillie marcia ramon
gilbert minnie nellie tanya glenda heidi marlene marc billie
lydia marian viola caroline stella guadalupe dora reginald brett
casey cecil jo jaime ruben vickie mattie nathaniel rafael edgar
milton irma maxine raul adrian andre ben chester mabel marsha
myrtle christy duane franklin lena tracey deanna gabriel patsy
jimmie bobbie christian elmer hilda gwendolyn brad jennie
mitchell nora cory arnold cassandra harvey leah margie nina
roland ron karl carole jared kay naomi penny priscilla brandy
olga jan claude dianne leona lonnie erik felicia jenny jordan
sonia darryl kerry lindsey becky miriam neil velma clinton cody
fernando javier kristina violet darren julio lindsay mathew rene
ted toni tyrone lance mae misty daisy jody kurt pat ramona sandy
shelly sherri allan claire erika katrina nelson clayton guy hugh
belinda dwayne geneva margarita max sheryl armando cora dwight
faye felix ada everett isabel natasha sabrina harriet hattie ian
marguerite wallace sidney blanche bob brandi cecilia iris joanna
ken kristi molly rosie alfredo angie eunice julian alberto dave
freddie inez ivan lynda daryl alberta amelia byron madeline
perry candace genevieve isaac janie jodi kayla kristine maggie
monique morris sonya alison clifton fannie marshall maryann
melody opal ross virgil willard yvette whitney andy flora kirk
luz olivia salvador sergio shelley susie antoinette beulah kent
kristy lola lula mamie seth terrance verna eduardo gayle
terrence candice donnie enrique jeannette joey juana kelli pam
austin bridget frankie hannah wade evan celia karla stuart
alejandro arturo della fredrick latoya luther lynne nick patty
shelia vicky jeremiah julius marianne sheri wendell angelo
blanca erma jacquelyn kara otis shaun alexis cameron doug gerard
homer krista leticia luke myra oliver roxanne trevor morgan
antonia ira adrienne alexandra angelica bennie bernadette
bethany brooke hubert kenny robyn rosalie sadie alfonso chelsea
ernestine jasmine kendra laverne lyle mable matt muriel nichole
rachael traci angelina blake carlton elena ernesto krystal loren
marcella neal ollie orlando rex leigh rudy shelby taylor dianna
estelle grant horace kari lora lorenzo nadine noel omar pablo
paulette roderick wilbur abraham desiree doreen kelley mona
rickey rosemarie willis andres betsy cesar christie damon freda
ginger hope janis johnathan kelvin malcolm preston rudolph alton
archie cristina eula lynette marco mercedes meredith robbie teri
tommie wm carroll cecelia devin dominic ed eloise felipe garry
geoffrey gerardo gretchen jonathon meghan merle pete randolph
rochelle sophia alyssa colin delbert earnest guillermo gwen
henrietta jana lucas raquel benny cleo edmund jenna myron olive
rodolfo spencer tasha tricia cedric darla delia elvira essie
garrett gregg jewel kate kellie lana lila lorena lowell mandy
may mindy patti salvatore silvia sonja sophie camille dixie elsa
faith israel jeannie jermaine johanna josefina lela lorene lucia
marta marty miranda roosevelt shari sherman sylvester wilson
aimee alisha ebony elisa forrest kristie leland marina melba
nettie ora rena shawna tabitha tami wilbert winifred dallas
sammy addie aubrey bonita bryant clark irving latasha marla
myrna owen patrice ronda sherrie simon tammie abigail adele
adriana cara celeste cheri deloris dorthy drew ellis francine
gustavo jake jewell kristopher laurence levi lou lucinda lupe
mack marcos rebekah rosario rufus stacie woodrow aurora brittney
clint corinne dominique effie elva estella etta fern francisca
gale gilberto helene ismael janelle josie karin kelsey kerri
laurel lenora lionel lottie lourdes marissa nicolas nikki
orville reba sallie tracie trina trisha aida al bettie caitlin
caleb cary cassie christa dewey elisabeth erick ervin eugenia
goldie hugo ignacio ina ingrid iva jenifer josh lesley maude
santos sheldon toby tomas wilfred alonzo bert candy carey cherie
conrad consuelo darnell darrel debora dena dina doyle elbert
elias janette kris latonya lorna noah polly ramiro rogelio
rosetta santiago stewart tamika terence therese van bradford
carolina clay cornelius dee devon dexter dorothea esperanza fay
grady helena jillian kimberley lamar nell patrica percy phil
rolando shanna stefanie terrell trudy alisa amos darin irvin
janine kendall maribel mickey mollie moses ola randal roman saul
susanne louie micah abel alta bette boyd brendan cecile daphne
darrin domingo dominick edmond elijah elise emanuel emil emilio
emmett ester graciela imogene isabelle jerald jocelyn jolene
joni keisha leola marlon paige petra rachelle susana timmy
winston demetrius logan adeline beatriz bret carmela charity
clarice dewayne emmanuel gabriela glenna gracie humberto jaclyn
jayne jess keri kirsten lacey lizzie marisa marisol mayra otto
reynaldo rosalind shana sondra stephan teddy tonia trent ursula
will angelia angeline autumn cathleen christi claudette efrain
eldon elma ethan frieda gabrielle garland harley heath jeanine
jodie justine katharine lamont lea lily luella margret miles
millie rodger royce sammie shauna sheena staci summer vicente
young abby aileen antoine bobbi bryce callie chase chuck
cleveland damian deana dolly dylan eli elton freddy gerry grover
ivy jeannine junior ladonna lara leanne lorie lucile luisa
manuela marcy margo maritza martina mavis pierre rocky selma
socorro sterling sybil willa winnie agustin audra august barbra
benito bettye bianca blaine bridgette cornelia cruz curt eliza
ernie erwin georgina hans jasper jeri kasey latisha leann leila
leonardo magdalena matilda meagan monte murray ofelia quentin
randi reuben russel simone stan sydney virgie adela adolfo
alexandria ali ariel ava bart bernadine brady brianna buddy
burton catalina chandra clarissa concepcion corrine damien
darwin denis desmond dona earline elliot elliott elnora ericka
estela flossie gregorio greta haley harlan harrison hilary ila
jamal jami jarrod joaquin lenore letha lidia lilly mia michel
minerva nelda nola rae rhoda rosalyn ruthie sharron son terrie
tia tyson valarie vance wilfredo alva blair marlin odell rory
yong allie allyson amie anton ashlee avis benita brain darius
elvin elwood emilia esmeralda esteban eve hal harriett hillary
jeanie karina kendrick kermit lacy loraine malinda marylou
melisa milagros moises nannie neva nolan norbert noreen odessa
pearlie penelope quinton rob rod roscoe saundra scotty serena
sofia solomon tabatha tameka tania williams xavier zelma alana
alejandra althea alvaro annabelle armand avery bryon carlene
carmella clare cliff dane darcy earlene earnestine elinor elisha
fabian fidel gay graham jackson jeffry jerri joesph julianne
katy lilia liza lorrie louisa mallory marcel marcie mason monty
ned nita noemi raphael reggie rickie rosalinda rusty selena
tanisha thaddeus thurman adolph aline alissa alphonso charmaine
chong chrystal clair claudine colette corine deanne denny derick
diego dion dollie edwina evangeline fran georgette gonzalo gus
hollis ilene isaiah ivory juliana kathie kathrine kaye kenya
kirby lakisha lane lavern lavonne lawanda lilian lina loyd luann
madge margery mari maricela maryanne melva millard mitzi nadia
nanette noe nona norris numbers ophelia rigoberto rocco rodrigo
roslyn roxie suzette tammi trinidad ty valeria vaughn wiley
yesenia alyce amalia anastasia araceli arline augusta augustine
aurelia basil bernardo bernie berta briana bruno carly chasity
clement cole corina coy dante davis deena deidre deirdre donnell
donovan dusty eddy elvia elvis emery federico gavin gena
heriberto hiram imelda issac janna jarvis jayson jefferson
johnie josefa juliette katelyn lakeisha leonor lessie liliana
lynnette madelyn marci marietta marva mauricio maxwell maynard
natalia nickolas quincy reed reva riley romeo rosanne roseann
rosella sasha savannah scot sebastian sheree susanna tessa
tristan ulysses vern vilma vince ward wendi colby merrill carrol
jame stevie aisha alba alfreda alyson amparo angelique angelita
annmarie art aurelio barney beau bertie beryl bridgett brigitte
britney brock carissa carlo carmelo carter casandra cathryn
charley cherry coleen collin concetta delmar denver diann dick
dionne donny dudley enid erna evangelina fanny florine francesca
frederic freida galen gilda hallie harris helga hester hollie
hunter ines irwin isidro jacklyn janell jannie johnathon juliet
kaitlin karyn katheryn katina kurtis lauri leanna lelia linwood
liz lolita madeleine mai mara marcelino mariana marquita
maryellen maura merlin millicent nestor phoebe queen reyna rhea
rosanna rowena sanford silas stefan tamera tamra tisha trenton
truman twila vito weldon wilda winfred abbie adan adelaide
allene antionette antony arron ashleigh bennett beverley booker
branden brandie buford camilla carson caryn celina chelsey
cornell cortney dalton danial daren dayna deann deidra denice
dessie dirk doretha dorian edwardo edythe elba elda emerson
emilie emory errol felecia fletcher gayla genaro geri germaine
german gussie herminia hong houston hung isabella jacques jade
jasmin josue judi justina kaitlyn kathi kimberlee kitty lakesha
landon lashonda latanya leeann leonel lesa leta letitia libby
lincoln louella ma margot mariano mellisa michaela michell mina
mohammad monika monroe nan nelly noelle octavia octavio pamala
pansy pasquale raymundo refugio renae robby rocio rosalia sang
scottie selina sharlene shelton sierra sonny terra theron tori
vonda wilford wilmer zachery zelda abdul adelina adrianne agatha
aldo alecia alene alphonse anderson arleen arnulfo athena belle
berry bess birdie brianne britt brooks caren cari carmine
catrina celestine chadwick chance chantel chi chloe christen
christin chung cindi cyril cyrus danette daniela danna dara
debby delilah delma delphine demetria deon destiny dinah dottie
duncan eleanore elia elida eloisa erich ernestina eugenio ezra
fatima ferdinand forest freeman garth giovanni griselda
guillermina hanna herschel hortencia iola iona ivette jacquline
jamel jamey janel jaqueline jarrett jeanna jena jonas karrie
kennith krystle lashawn latrice lazaro leora lon lona luciano
lucien lucretia major malissa marianna marilynn marisela
marybeth maryjane maudie maurine merry mervin migdalia minh
mitchel mohammed morton myles nilda oma paris pattie portia
racheal randell rebeca reid retha rich robbin ronny rosalee
rosita russ seymour shellie shiela shonda soledad sun sung taryn
tawana tera teresita tessie thad thanh theo theodora tillie
treva valentin veda verda vernice vida virgina wilburn
wilhelmina winona zane abe ahmad alden alec aletha alexa alfonzo
alina alvina annemarie annetta antwan aretha aron barb barton
bella belva berniece bettina boris brant breanna brenton burt
candida caridad carmel carmelita catharine cathrine chang charla
christal christoper claudio coleman cori cristy dalia damaris
dannie deandre delois dewitt dino dominga donn dorris earle
""".split()
